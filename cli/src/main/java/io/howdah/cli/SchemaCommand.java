package io.howdah.cli;

import io.howdah.schema.Schema;
import io.howdah.schema.SchemaReport;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code howdah schema}: the broker's tables and functions in a database. */
@Command(name = "schema", synopsisSubcommandLabel = "COMMAND", description = {
    "Installs, verifies, prints or removes the schema.", ""}, commandListHeading = "%nCommands:%n")
final class SchemaCommand {

  private static final int DIFFERS = 6;

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "install", description = {
      "Installs or upgrades the schema in a database; doing it again changes nothing.", ""})
  int install(@Mixin DatabaseOptions database) {
    DatabaseUrl url = database.url();
    Schema.of(url.dataSource()).install();
    out().println("schema howdah is at version " + Schema.version() + " in " + url);
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "verify", description = {
      "Compares the schema in a database with that of this Howdah; exit status 6 if they differ.", ""})
  int verify(@Mixin DatabaseOptions database, @Option(names = "--json", description = "Writes JSON.") boolean json) {
    DatabaseUrl url = database.url();
    SchemaReport report = Schema.of(url.dataSource()).verify();
    if (json) {
      out().println(Output.json(report(report)));
    } else if (report.version() == 0) {
      out().println("schema howdah is not installed in " + url + "; howdah schema install does it");
    } else if (report.isClean()) {
      out().println("schema howdah is complete, at version " + report.version() + ", in " + url);
    } else {
      out().println("schema howdah in " + url + " is at version " + report.version() + ", this Howdah's is "
          + report.expected() + "; howdah schema install brings it there");
      list("missing", report.missing());
      list("changed", report.changed());
      list("foreign", report.foreign());
    }
    return report.isClean() ? CommandLine.ExitCode.OK : DIFFERS;
  }

  @Command(name = "print", description = {"Prints the schema as one SQL script, transaction included, for psql -f.",
      ""})
  int print() {
    out().print(Schema.print());
    out().flush();
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "uninstall", description = {"Removes the schema with all it holds; refused while messages wait.", ""})
  int uninstall(@Mixin DatabaseOptions database,
      @Option(names = "--force", description = "Also while messages wait; they are lost.") boolean force) {
    DatabaseUrl url = database.url();
    Schema.of(url.dataSource()).uninstall(force);
    out().println("there is no schema howdah any more in " + url);
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> report(SchemaReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("clean", report.isClean());
    json.put("version", report.version());
    json.put("expected", report.expected());
    json.put("missing", report.missing());
    json.put("changed", report.changed());
    json.put("foreign", report.foreign());
    return json;
  }

  private void list(String what, List<String> names) {
    names.forEach(name -> out().println("  " + what + ": " + name));
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
