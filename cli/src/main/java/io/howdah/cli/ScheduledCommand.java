package io.howdah.cli;

import io.howdah.Bytes;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Schedule;
import io.howdah.ScheduledMessage;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah scheduled}: messages that wait for their time. */
@Command(name = "scheduled", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists messages that wait for their time, delayed ones and retries, takes them back, or gives them another time.",
    ""}, commandListHeading = "%nCommands:%n")
final class ScheduledCommand {

  @Spec
  private CommandSpec command = CommandSpec.create();

  /** When a message is due instead. */
  static final class When {
    @Option(names = "--at", paramLabel = "TIME", converter = Instants.class, description = "The new time, for example 2030-06-01T08:00:00Z.")
    private @Nullable Instant at;

    @Option(names = "--in", paramLabel = "TIME", description = "How long from now, for example 5m; 0s is now.")
    private @Nullable Duration in;

    Instant due() {
      return at != null ? at : Instant.now().plus(Objects.requireNonNull(in));
    }
  }

  @Command(name = "list", description = {"Lists what waits in a queue or stream, the next one first.", ""})
  int list(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "QUEUE", description = "The queue or stream.") String queue,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "At most so many (100).") int limit,
      @Option(names = "--json", description = "Writes JSON, one object for each, with headers and payload.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<ScheduledMessage> messages = howdah.stream(queue).schedule().list(limit);
      if (json) {
        messages.forEach(each -> out().println(Output.json(whole(each))));
      } else if (!messages.isEmpty()) {
        List<Map<String, Object>> rows = messages.stream().map(ScheduledCommand::fields).toList();
        List<List<String>> cells = new ArrayList<>();
        rows.forEach(row -> cells.add(row.values().stream().map(value -> Objects.toString(value, "-")).toList()));
        out().print(Output.table(List.copyOf(rows.getFirst().keySet()), cells));
        out().flush();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "cancel", description = {"Takes a message back that waits for its time; it is never delivered.", ""})
  int cancel(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "QUEUE", description = "The queue or stream.") String queue,
      @Parameters(paramLabel = "ID", description = "The message's id.") UUID id,
      @Option(names = "--subscription", paramLabel = "S", description = "A retry of this subscription, not a delayed message.") @Nullable String subscription) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Schedule schedule = howdah.stream(queue).schedule();
      if (!schedule.cancel(waiting(schedule, queue, id, subscription))) {
        throw gone(queue, id);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "reschedule", description = {"Gives a message that waits another time.", ""})
  int reschedule(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "QUEUE", description = "The queue or stream.") String queue,
      @Parameters(paramLabel = "ID", description = "The message's id.") UUID id,
      @ArgGroup(multiplicity = "1", exclusive = true) When when,
      @Option(names = "--subscription", paramLabel = "S", description = "A retry of this subscription, not a delayed message.") @Nullable String subscription) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Schedule schedule = howdah.stream(queue).schedule();
      if (!schedule.reschedule(waiting(schedule, queue, id, subscription), when.due())) {
        throw gone(queue, id);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private static ScheduledMessage waiting(Schedule schedule, String queue, UUID id, @Nullable String subscription) {
    return schedule.find(id, subscription).orElseThrow(() -> gone(queue, id));
  }

  private static HowdahException gone(String queue, UUID id) {
    return new HowdahException(ErrorCode.NOT_FOUND,
        "message " + id + " does not wait in \"" + queue + "\"; howdah scheduled list " + queue + " shows what does");
  }

  private static Map<String, Object> fields(ScheduledMessage message) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", message.id().toString());
    fields.put("due", message.due().toString());
    fields.put("subscription", message.subscription());
    fields.put("attempt", message.attempt());
    fields.put("topic", message.content().topic());
    fields.put("key", message.content().key());
    fields.put("reason", message.reason());
    return fields;
  }

  private static Map<String, Object> whole(ScheduledMessage message) {
    Map<String, Object> fields = fields(message);
    fields.put("error", message.error());
    fields.put("headers", message.content().headers());
    switch (message.content().payload()) {
      case Json json -> fields.put("payload", json.text());
      case Bytes bytes -> {
        fields.put("content_type", bytes.contentType());
        fields.put("bytes", PayloadText.base64(bytes));
      }
    }
    return fields;
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
