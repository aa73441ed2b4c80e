package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.Archive;
import io.howdah.ArchivedMessage;
import io.howdah.Howdah;
import io.howdah.LetterFilter;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah archive}: the messages that were handled and kept. */
@Command(name = "archive", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists, counts, exports, publishes again and deletes messages that consumers have archived.",
    ""}, commandListHeading = "%nCommands:%n")
final class ArchiveCommand {

  private static final String NAME = "Queue or subscription.";
  private static final int PAGE = 1_000;

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "list", description = {"Lists archived messages, the oldest first.", ""})
  int list(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--after", paramLabel = "NO", defaultValue = "0", description = "The next page: those after this number.") long after,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Most messages, 1 to 10000 (100).") int limit) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<ArchivedMessage> found = howdah.archive(name).list(letters.filter(), after, limit);
      if (!found.isEmpty()) {
        out().print(Output.table(found.stream().map(ArchiveCommand::row).toList()));
        out().flush();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> row(ArchivedMessage archived) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("no", archived.number());
    row.put("id", archived.id());
    row.put("archived_at", archived.archivedAt());
    row.put("attempts", archived.attempts());
    row.put("topic", archived.message().topic());
    row.put("key", archived.message().key());
    return row;
  }

  @Command(name = "count", description = {"Says how many archived messages there are.", ""})
  int count(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = NAME) String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      say(Long.toString(howdah.archive(name).count(letters.filter())));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "export", description = {"Writes archived messages to stdout, one JSON object on a line for each.",
      ""})
  int export(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = NAME) String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Archive archive = howdah.archive(name);
      List<ArchivedMessage> page = archive.list(letters.filter(), 0, PAGE);
      while (!page.isEmpty()) {
        page.forEach(archived -> out().println(LetterText.json(archived)));
        page = archive.list(letters.filter(), page.getLast().number(), PAGE);
      }
      out().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "republish", description = {"Publishes archived messages again, as new ones; the old ones stay.", ""})
  int republish(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--to", paramLabel = "QUEUE", description = "To this queue or stream; else to their own.") @Nullable String target,
      @Option(names = "--dry-run", description = "Only says how many there are.") boolean dryRun) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Archive archive = howdah.archive(name);
      say(dryRun
          ? "would publish " + archive.count(letters.filter())
          : "published " + archive.republish(letters.filter(), target));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "purge", description = {"Deletes the archived messages that are meant; all of them with --all.", ""})
  int purge(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--all", description = "All, if nothing says which.") boolean all) {
    if (!all && letters.filter().equals(LetterFilter.all())) {
      throw new ParameterException(command.commandLine(), "say which messages, or --all");
    }
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      say("deleted " + howdah.archive(name).delete(letters.filter()));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "retain", description = {"Says how long archived messages are kept; infinite is the default.", ""})
  int retain(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "TIME", description = "A time such as 30d, or infinite.") String time) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.archive(name).retain(time.equals("infinite") ? null : Durations.parse(time));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return CommandLine.ExitCode.OK;
  }

  private void say(String text) {
    out().println(text);
    out().flush();
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
