package io.howdah.cli;

import io.howdah.BlockedKey;
import io.howdah.Howdah;
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

/** {@code howdah blocked}: keys of ordered queues whose first message has failed. */
@Command(name = "blocked", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists the keys of an ordered queue or subscription whose first message has failed, and decides what becomes of it.",
    ""}, commandListHeading = "%nCommands:%n")
final class BlockedCommand {

  private static final String NAME = "The queue or subscription.";
  private static final String KEY = "The key; not needed where the order is strict.";

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "list", description = {"Lists blocked keys, the longest blocked first.", ""})
  int list(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Most keys, 1 to 10000 (100).") int limit,
      @Option(names = "--json", description = "Writes JSON, one object for each, with all that is known.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<BlockedKey> keys = howdah.blockedKeys(name).list(limit);
      if (json) {
        keys.forEach(key -> out().println(Output.json(fields(key))));
      } else if (!keys.isEmpty()) {
        out().print(Output.table(keys.stream().map(BlockedCommand::row).toList()));
      }
      out().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> row(BlockedKey key) {
    Map<String, Object> row = fields(key);
    row.keySet().removeAll(List.of("id", "topic", "error", "first_failed_at"));
    return row;
  }

  private static Map<String, Object> fields(BlockedKey key) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("key", key.key());
    fields.put("position", key.position());
    fields.put("id", key.id().toString());
    fields.put("topic", key.topic());
    fields.put("attempts", key.attempts());
    fields.put("due", key.due() == null ? "parked" : key.due().toString());
    fields.put("reason", key.reason());
    fields.put("error", key.error());
    fields.put("first_failed_at", key.firstFailedAt().toString());
    fields.put("failed_at", key.failedAt().toString());
    fields.put("waiting", key.waiting());
    return fields;
  }

  @Command(name = "retry", description = {"Has the message that blocks a key tried at once.", ""})
  int retry(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "KEY", arity = "0..1", description = KEY) @Nullable String key) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.blockedKeys(name).retry(key);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "skip", description = {"Gives up the message that blocks a key; the next one has its turn.", ""})
  int skip(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "KEY", arity = "0..1", description = KEY) @Nullable String key) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.blockedKeys(name).skip(key);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "park", description = {"Leaves a key blocked until somebody retries, skips or rejects its message.",
      ""})
  int park(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "KEY", arity = "0..1", description = KEY) @Nullable String key) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.blockedKeys(name).park(key);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "reject", description = {
      "Makes the message that blocks a key a dead letter; the next one has its turn.", ""})
  int reject(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Parameters(paramLabel = "KEY", arity = "0..1", description = KEY) @Nullable String key,
      @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "rejected", description = "Why (rejected).") String reason) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.blockedKeys(name).reject(key, reason);
    }
    return CommandLine.ExitCode.OK;
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
