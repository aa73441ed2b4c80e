package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.LetterFilter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which letters a command means. */
final class LetterOptions {

  @Option(names = "--id", paramLabel = "ID", description = "Only that of this message; may be given several times.")
  private @Nullable List<UUID> ids;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Only those with exactly this reason.")
  private @Nullable String reason;

  @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those of this topic.")
  private @Nullable String topic;

  @Option(names = "--key", paramLabel = "KEY", description = "Only those of this key.")
  private @Nullable String key;

  @Option(names = "--since", paramLabel = "TIME", converter = Moment.class, description = "Only those since then: a time with its zone (2030-01-31T12:00:00Z), or how long ago (2h).")
  private @Nullable Instant since;

  @Option(names = "--until", paramLabel = "TIME", converter = Moment.class, description = "Only those before then.")
  private @Nullable Instant until;

  @Option(names = "--text", paramLabel = "TEXT", description = "Only those with this text somewhere, whatever the case.")
  private @Nullable String text;

  LetterFilter filter() {
    return new LetterFilter(ids == null ? List.of() : ids, reason, topic, key, since, until, text);
  }

  /** An instant as people name it. */
  static final class Moment implements CommandLine.ITypeConverter<Instant> {

    @Override
    public Instant convert(String text) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException notATime) {
        try {
          return Instant.now().minus(Durations.parse(text));
        } catch (IllegalArgumentException e) {
          throw new TypeConversionException(
              "use a time with its zone such as 2030-01-31T12:00:00Z, or how long ago such as 2h, not \"" + text
                  + "\"");
        }
      }
    }
  }
}
