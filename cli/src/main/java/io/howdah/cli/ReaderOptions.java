package io.howdah.cli;

import io.howdah.HowdahException;
import io.howdah.Partition;
import io.howdah.RetryPolicy;
import io.howdah.StartPosition;
import io.howdah.SubscriptionOptions;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where a new subscription starts, how long it lives and what it takes, as options of a command. */
final class ReaderOptions {

  @Option(names = "--from", paramLabel = "WHERE", defaultValue = "now", converter = Where.class, description = "Where it starts: now (what is published from now on), beginning (what the stream still has), a position, or a time: what was published then or later (now).")
  private StartPosition from = StartPosition.now();

  @Option(names = "--expires-after", paramLabel = "TIME", description = "Dropped when nobody has used it for so long, for example 10m (never).")
  private @Nullable Duration expiresAfter;

  @Option(names = "--partition", paramLabel = "N/M", converter = Parts.class, description = "The part of the stream that it takes, for example 2/8: the second of eight (all).")
  private @Nullable Partition partition;

  StartPosition from() {
    return from;
  }

  SubscriptionOptions options(RetryPolicy retries) {
    return SubscriptionOptions.defaults().withRetries(retries).withExpiresAfter(expiresAfter).withPartition(partition);
  }

  /** {@code 2/8}. */
  static final class Parts implements ITypeConverter<Partition> {

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

    @Override
    public Partition convert(String text) {
      Matcher parts = SHAPE.matcher(text);
      if (!parts.matches()) {
        throw new TypeConversionException(
            "a partition is written like 2/8, the second of eight, but was \"" + text + "\"");
      }
      try {
        return Partition.of(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
      } catch (HowdahException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
