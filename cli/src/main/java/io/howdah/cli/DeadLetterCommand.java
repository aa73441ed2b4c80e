package io.howdah.cli;

import io.howdah.DeadLetter;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.RedriveOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah dead-letter}: the messages that were given up. */
@Command(name = "dead-letter", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists, shows, corrects, sends again and deletes messages that a queue or subscription has given up.",
    ""}, commandListHeading = "%nCommands:%n")
final class DeadLetterCommand {

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "list", description = {"Lists dead letters, the oldest first.", ""})
  int list(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", arity = "0..1", description = "The queue or subscription; else all.") @Nullable String name,
      @Option(names = "--after", paramLabel = "NO", defaultValue = "0", description = "The next page: those after this number.") long after,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Most letters, 1 to 10000 (100).") int limit,
      @Option(names = "--json", description = "Writes JSON, one object for each, with all that is known.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<DeadLetter> found = name == null
          ? howdah.deadLetters(letters.filter(), after, limit)
          : howdah.deadLetters(name).list(letters.filter(), after, limit);
      if (json) {
        found.forEach(letter -> out().println(LetterText.json(letter)));
      } else if (!found.isEmpty()) {
        out().print(Output.table(found.stream().map(DeadLetterCommand::row).toList()));
      }
      out().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> row(DeadLetter letter) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("no", letter.number());
    row.put("subscription", letter.subscription());
    row.put("id", letter.id());
    row.put("failed_at", letter.failure().last());
    row.put("attempts", letter.failure().attempts());
    row.put("reason", letter.failure().reason());
    return row;
  }

  @Command(name = "show", description = {"Shows all about one dead letter, as JSON.", ""})
  int show(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", description = "Queue or subscription.") String name,
      @Parameters(paramLabel = "ID", description = "The message's id.") UUID id) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      out().println(LetterText.json(howdah.deadLetters(name).find(id).orElseThrow(() -> unknown(name, id))));
      out().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "edit", description = {"Gives a dead letter another payload.", ""})
  int edit(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", description = "Queue or subscription.") String name,
      @Parameters(paramLabel = "ID", description = "The message's id.") UUID id,
      @Parameters(paramLabel = "PAYLOAD", arity = "0..1", description = "JSON; else stdin is read.") @Nullable String payload)
      throws IOException {
    String text = payload == null ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip() : payload;
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      if (!howdah.deadLetters(name).edit(id, new Json(text))) {
        throw unknown(name, id);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "redrive", description = {"Sends dead letters again: all, or those that are meant.", ""})
  int redrive(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = "Queue or subscription.") String name,
      @Option(names = "--to", paramLabel = "QUEUE", description = "To this queue or stream; else back to their own subscription.") @Nullable String target,
      @Option(names = "--rate", paramLabel = "N", description = "Most letters in a second; else as fast as it goes.") @Nullable Double rate,
      @Option(names = "--batch", paramLabel = "N", defaultValue = "1000", description = "Most letters of one transaction, 1 to 10000 (1000).") int batch,
      @Option(names = "--dry-run", description = "Only says how many there are.") boolean dryRun) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      LetterFilter filter = letters.filter();
      say(dryRun
          ? "would redrive " + howdah.deadLetters(name).count(filter)
          : "redriven " + howdah.deadLetters(name).redrive(filter, new RedriveOptions(batch, target, rate)));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "delete", description = {"Deletes dead letters by the ids of their messages.", ""})
  int delete(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", description = "Queue or subscription.") String name,
      @Parameters(paramLabel = "ID", arity = "1..*", description = "Ids of messages.") List<UUID> ids) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      long deleted = howdah.deadLetters(name).delete(new LetterFilter(ids, null, null, null, null, null, null));
      if (deleted == 0) {
        throw unknown(name, ids.getFirst());
      }
      say("deleted " + deleted);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "purge", description = {"Deletes the dead letters that are meant; all of them with --all.", ""})
  int purge(@Mixin DatabaseOptions database, @Mixin LetterOptions letters,
      @Parameters(paramLabel = "NAME", description = "Queue or subscription.") String name,
      @Option(names = "--all", description = "All, if nothing says which.") boolean all,
      @Option(names = "--dry-run", description = "Only says how many there are.") boolean dryRun) {
    LetterFilter filter = letters.filter();
    if (!all && !dryRun && filter.equals(LetterFilter.all())) {
      throw new ParameterException(command.commandLine(), "say which dead letters, or --all");
    }
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      say(dryRun
          ? "would delete " + howdah.deadLetters(name).count(filter)
          : "deleted " + howdah.deadLetters(name).delete(filter));
    }
    return CommandLine.ExitCode.OK;
  }

  private static HowdahException unknown(String name, UUID id) {
    return new HowdahException(ErrorCode.NOT_FOUND,
        "\"" + name + "\" has no dead letter " + id + "; howdah dead-letter list " + name + " shows all");
  }

  private void say(String text) {
    out().println(text);
    out().flush();
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
