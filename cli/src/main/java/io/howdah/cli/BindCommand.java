package io.howdah.cli;

import io.howdah.Bindings;
import io.howdah.Howdah;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah bind}: which topics of its stream a queue or subscription takes. */
@Command(name = "bind", synopsisSubcommandLabel = "COMMAND", description = {
    "Says which topics of its stream a queue or subscription takes. In a pattern * is exactly one word, # any number of"
        + " words, none included: logs.# matches logs. What has been published keeps the bindings of then.",
    ""}, commandListHeading = "%nCommands:%n")
final class BindCommand {

  private static final String NAME = "The queue or subscription.";

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "add", description = {"Adds patterns; those that are there already are fine.", ""})
  int add(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "PATTERN", arity = "1..*", description = "For example 'order.*'.") List<String> patterns) {
    return with(database, name, bindings -> patterns.forEach(bindings::add));
  }

  @Command(name = "remove", description = {
      "Removes patterns. Without the last one nothing is taken any more; set --everything takes all.", ""})
  int remove(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "PATTERN", arity = "1..*", description = "As list shows it.") List<String> patterns) {
    return with(database, name, bindings -> patterns.forEach(bindings::remove));
  }

  @Command(name = "set", description = {"Replaces all patterns.", ""})
  int set(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "PATTERN", arity = "0..*", description = "For example 'order.*'.") @Nullable List<String> patterns,
      @Option(names = "--everything", description = "Take everything, as without bindings.") boolean everything,
      @Option(names = "--nothing", description = "Take nothing but direct messages.") boolean nothing) {
    int given = (patterns == null || patterns.isEmpty() ? 0 : 1) + (everything ? 1 : 0) + (nothing ? 1 : 0);
    if (given != 1) {
      throw new ParameterException(command.commandLine().getSubcommands().get("set"),
          "give patterns, --everything or --nothing");
    }
    return with(database, name, bindings -> {
      if (everything) {
        bindings.takeEverything();
      } else {
        bindings.set(patterns == null ? List.of() : patterns);
      }
    });
  }

  @Command(name = "list", description = {"Lists the patterns; nothing is shown for one that takes everything.", ""})
  int list(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--json", description = "Writes JSON.") boolean json) {
    return with(database, name, bindings -> {
      List<String> patterns = bindings.list();
      if (json) {
        out().println(Output.json(patterns));
      } else {
        patterns.forEach(out()::println);
      }
    });
  }

  private static int with(DatabaseOptions database, String name, Consumer<Bindings> work) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      work.accept(howdah.subscription(name).bindings());
    }
    return CommandLine.ExitCode.OK;
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
