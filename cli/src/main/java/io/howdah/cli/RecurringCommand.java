package io.howdah.cli;

import io.howdah.Cron;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.RecurringMessage;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code howdah recurring}: messages that are published again and again. */
@Command(name = "recurring", synopsisSubcommandLabel = "COMMAND", description = {
    "Has messages published again and again, at the times of a cron expression.",
    ""}, commandListHeading = "%nCommands:%n")
final class RecurringCommand {

  @Spec
  private CommandSpec command = CommandSpec.create();

  /** When. */
  static final class When {
    @Option(names = "--cron", paramLabel = "EXPRESSION", required = true, description = "Minute, hour, day of month, month, day of week, for example \"30 2 * * mon-fri\"; or @daily and the like.")
    private String cron = "";

    @Option(names = "--zone", paramLabel = "ZONE", defaultValue = "UTC", converter = Zones.class, description = "In whose time, for example Europe/Berlin (UTC).")
    private ZoneId zone = ZoneId.of("UTC");

    Cron cron(Cron.Missed missed) {
      return new Cron(cron, zone, missed);
    }
  }

  @Command(name = "create", description = {
      "Makes a recurring message; what has this name already gets this definition.", ""})
  int create(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Parameters(paramLabel = "QUEUE", description = "The queue or stream to publish to.") String queue,
      @Mixin When when, @Mixin Content content,
      @Option(names = "--missed", paramLabel = "POLICY", defaultValue = "once", converter = Policies.class, description = "What becomes of times at which nobody was there: once (one message), all, or skip (once).") Cron.Missed missed) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      out().println(show(howdah.stream(queue).repeat(name, when.cron(missed), content.message())));
    }
    return CommandLine.ExitCode.OK;
  }

  /** What is published. */
  static final class Content {
    @Option(names = "--payload", paramLabel = "JSON", required = true, description = "Payload of the message.")
    private String payload = "";

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Topic of the message.")
    private @Nullable String topic;

    @Option(names = "--key", paramLabel = "KEY", description = "Key of the message.")
    private @Nullable String key;

    @Option(names = "--header", paramLabel = "NAME=VALUE", description = "Header of the message; may be given several times.")
    private Map<String, String> headers = Map.of();

    Message<Json> message() {
      return Message.of(new Json(payload)).withTopic(topic).withKey(key).withHeaders(headers);
    }
  }

  @Command(name = "list", description = {"Lists what recurs.", ""})
  int list(@Mixin DatabaseOptions database,
      @Option(names = "--json", description = "Writes JSON, one object for each.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<Map<String, Object>> rows = howdah.recurring().list().stream().map(each -> fields(each, json)).toList();
      if (json) {
        rows.forEach(row -> out().println(Output.json(row)));
      } else if (!rows.isEmpty()) {
        List<List<String>> cells = new ArrayList<>();
        rows.forEach(row -> cells.add(row.values().stream().map(value -> Objects.toString(value, "-")).toList()));
        out().print(Output.table(List.copyOf(rows.getFirst().keySet()), cells));
        out().flush();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "pause", description = {"Stops publishing it, until resume.", ""})
  int pause(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.recurring().pause(name);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "resume", description = {"Goes on publishing it, and shows its next time.", ""})
  int resume(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      out().println(howdah.recurring().resume(name));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "drop", description = {"Ends it; what it has published stays.", ""})
  int drop(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      if (!howdah.recurring().drop(name)) {
        throw new HowdahException(ErrorCode.NOT_FOUND,
            "nothing recurring has the name \"" + name + "\"; howdah recurring list shows all");
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "next", description = {"Shows the next times that a cron expression means; changes nothing.", ""})
  int next(@Mixin DatabaseOptions database, @Mixin When when,
      @Option(names = "--count", paramLabel = "N", defaultValue = "5", description = "How many (5).") int count) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Optional<Instant> time = Optional.of(Instant.now());
      for (int i = 0; i < count && time.isPresent(); i++) {
        time = howdah.recurring().next(when.cron(Cron.Missed.ONCE), time.get());
        time.ifPresent(out()::println);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> fields(RecurringMessage message, boolean whole) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("recurring", message.name());
    fields.put("stream", message.stream());
    fields.put("cron", message.cron().expression());
    fields.put("zone", message.cron().zone().getId());
    fields.put("missed", message.cron().missed().word());
    fields.put("next", show(Optional.ofNullable(message.next())));
    fields.put("fired", message.past().fired());
    fields.put("fired_at", Objects.toString(message.past().firedAt(), null));
    fields.put("error", message.past().error());
    if (whole) {
      fields.put("topic", message.content().topic());
      fields.put("key", message.content().key());
      fields.put("headers", message.content().headers());
      fields.put("payload", message.content().payload().text());
    }
    return fields;
  }

  private static String show(Optional<Instant> next) {
    return next.map(Instant::toString).orElse("paused");
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }

  /** Names of time zones. */
  static final class Zones implements ITypeConverter<ZoneId> {
    @Override
    public ZoneId convert(String name) {
      try {
        return ZoneId.of(name);
      } catch (DateTimeException e) {
        throw new TypeConversionException("\"" + name + "\" is not a time zone; use a name like Europe/Berlin");
      }
    }
  }

  /** The words that SQL has for it. */
  static final class Policies implements ITypeConverter<Cron.Missed> {
    @Override
    public Cron.Missed convert(String word) {
      for (Cron.Missed each : Cron.Missed.values()) {
        if (each.word().equals(word.toLowerCase(Locale.ROOT))) {
          return each;
        }
      }
      throw new TypeConversionException("use once, all or skip, not \"" + word + "\"");
    }
  }
}
