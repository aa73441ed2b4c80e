package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.HowdahException;
import io.howdah.Knob;
import java.time.Duration;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** {@code howdah}: everything that can be done with a broker from a shell. */
@Command(name = "howdah", versionProvider = Version.class, synopsisSubcommandLabel = "COMMAND", description = {
    "A message broker that lives inside PostgreSQL.", ""}, commandListHeading = "%nCommands:%n", subcommands = {
        ServeCommand.class, PublishCommand.class, ConsumeCommand.class, PopCommand.class, PeekCommand.class,
        ListenCommand.class, QueueCommand.class, StreamCommand.class, SubscriptionCommand.class,
        DeadLetterCommand.class, BlockedCommand.class, ArchiveCommand.class, BindCommand.class, RouteCommand.class,
        ScheduledCommand.class, RecurringCommand.class, JobCommand.class, ConfigCommand.class, SchemaCommand.class,
        BenchCommand.class, Version.class}, exitCodeListHeading = "%nExit status:%n", exitCodeList = {"0:done",
            "1:something else went wrong", "2:the command line or the input is not acceptable",
            "3:there is no such queue, stream or subscription", "4:it is in conflict with what is there",
            "5:the database cannot be reached, or was too slow; trying again may help",
            "6:the schema is missing or of another version", "7:the database's role may not do this"})
public final class Main {

  private static final String LOG_LEVEL = "howdah.log.level";

  @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Shows this help.")
  @SuppressWarnings("unused") // picocli does what it asks for
  private boolean help;

  @Option(names = {"-V", "--version"}, versionHelp = true, description = "Shows the version.")
  @SuppressWarnings("unused") // picocli does what it asks for
  private boolean version;

  private boolean verbose;

  private Main() {
  }

  @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Logs more, and shows where an error comes from.")
  void setVerbose(boolean verbose) {
    this.verbose = verbose;
    if (verbose) {
      System.setProperty(LOG_LEVEL, "DEBUG");
    }
  }

  public static void main(String[] args) {
    LogManager.getLogManager().reset(); // the driver's own log would repeat on stderr what the exceptions say
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main).registerConverter(DatabaseUrl.class, Main::databaseUrl)
        .registerConverter(Duration.class, Main::duration).setUsageHelpAutoWidth(true)
        .setExecutionStrategy(Main::execute)
        .setParameterExceptionHandler((exception, arguments) -> Failure.ofUsage(exception))
        .setExecutionExceptionHandler(
            (exception, command, parsed) -> Failure.of(exception).show(command, main.verbose));
  }

  private static int execute(ParseResult parsed) {
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    try {
      Knob.check();
    } catch (HowdahException e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), e.getMessage(), e);
    }
    return new RunLast().execute(parsed);
  }

  private static DatabaseUrl databaseUrl(String text) {
    try {
      return DatabaseUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static Duration duration(String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
