package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.StreamOptions;
import io.howdah.StreamStats;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah stream}: the streams of a broker, and what holds for the messages of each. */
@Command(name = "stream", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists, makes, changes and removes streams; a queue has one of its own, of the same name.",
    ""}, commandListHeading = "%nCommands:%n")
final class StreamCommand {

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "list", description = {"Lists the streams; those of queues are not among them.", ""})
  int list(@Mixin DatabaseOptions database, @Option(names = "--json", description = "Writes JSON.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<String> names = howdah.streams().stream().filter(each -> !isQueue(each)).map(StreamStats::stream).sorted()
          .toList();
      if (json) {
        out().println(Output.json(names));
      } else {
        names.forEach(out()::println);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "create", description = {"Makes a stream; if there is one of this name, that stays as it is.", ""})
  int create(@Mixin DatabaseOptions database, @Parameters(paramLabel = "STREAM", description = "Its name.") String name,
      @Mixin StreamParameters parameters) {
    StreamOptions options = parameters.change(StreamOptions.defaults());
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.stream(name).create(options);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "alter", description = {
      "Changes options of a stream, or of a queue's own one, for what is published from now on.", ""})
  int alter(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "STREAM", description = "The stream or queue.") String name,
      @Mixin StreamParameters parameters) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.stream(name).alter(parameters.change(howdah.stream(name).describe().options()));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "describe", description = {"Shows the options of streams, and how much was published to them.", ""})
  int describe(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "STREAM", arity = "0..*", description = "Streams or queues; else all.") @Nullable List<String> names,
      @Option(names = "--json", description = "Writes JSON, one object for each.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<Map<String, Object>> rows = (names == null || names.isEmpty()
          ? howdah.streams()
          : names.stream().map(name -> howdah.stream(name).describe()).toList()).stream()
          .map(each -> fields(each, json)).toList();
      if (json) {
        rows.forEach(row -> out().println(Output.json(row)));
      } else if (!rows.isEmpty()) {
        out().print(Output.table(rows));
      }
      out().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> fields(StreamStats stream, boolean json) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("stream", stream.stream());
    fields.put("kind", stream.kind());
    fields.put("published", stream.published());
    fields.put("unrouted", stream.unroutable());
    fields.putAll(StreamParameters.fields(stream.options()));
    if (!json) {
      fields.put("headers", stream.options().headers().isEmpty() ? null : Output.json(stream.options().headers()));
    }
    return fields;
  }

  @Command(name = "drop", description = {"Removes a stream; refused while it has subscriptions.", ""})
  int drop(@Mixin DatabaseOptions database, @Parameters(paramLabel = "STREAM", description = "Its name.") String name,
      @Option(names = "--force", description = "With its subscriptions; what they have not settled is lost.") boolean force) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      if (howdah.streams().stream().anyMatch(each -> each.stream().equals(name) && isQueue(each))) {
        throw new HowdahException(ErrorCode.CONFLICT,
            "\"" + name + "\" is a queue; howdah queue drop " + name + " removes it");
      }
      if (!howdah.stream(name).drop(force)) {
        throw new HowdahException(ErrorCode.NOT_FOUND,
            "stream \"" + name + "\" does not exist; howdah stream list shows all");
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private static boolean isQueue(StreamStats stream) {
    return stream.kind().equals("queue");
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
