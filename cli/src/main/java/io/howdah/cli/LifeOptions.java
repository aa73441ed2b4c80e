package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.HowdahException;
import io.howdah.Partition;
import io.howdah.Subscription;
import io.howdah.SubscriptionOptions;
import io.howdah.SubscriptionOptions.AfterExpiry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How long a subscription and its messages live and what it takes, as options of a command and as its output. */
final class LifeOptions {

  private static final String NEVER = "never";
  private static final String ALL = "all";

  @Option(names = "--expires-after", paramLabel = "TIME", converter = Lives.class, description = "Dropped when nobody has used it for so long, for example 10m, or never (never).")
  private @Nullable Life expiresAfter;

  @Option(names = "--partition", paramLabel = "N/M", converter = Parts.class, description = "The part of the stream that it takes, for example 2/8: the second of eight, or all (all).")
  private @Nullable Part partition;

  @Option(names = "--after-expiry", paramLabel = "WHAT", converter = Ends.class, description = "What becomes of messages whose time to live is over: discard, which only counts them, or dead-letter (discard).")
  private @Nullable AfterExpiry afterExpiry;

  /** A time, or none: never. */
  private record Life(@Nullable Duration time) {
  }

  /** A part, or none: all. */
  private record Part(@Nullable Partition partition) {
  }

  /** Options with what was said about them. */
  SubscriptionOptions change(SubscriptionOptions options) {
    SubscriptionOptions living = expiresAfter == null ? options : options.withExpiresAfter(expiresAfter.time);
    SubscriptionOptions parted = partition == null ? living : living.withPartition(partition.partition);
    return afterExpiry == null ? parted : parted.withAfterExpiry(afterExpiry);
  }

  /** Changes what the options name, if there are any. */
  void apply(Subscription<?> subscription) {
    if (expiresAfter != null || partition != null || afterExpiry != null) {
      subscription.alter(change(subscription.options()));
    }
  }

  static Map<String, Object> fields(SubscriptionOptions options) {
    Duration expiry = options.expiresAfter();
    Partition part = options.partition();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("expires_after", expiry == null ? NEVER : Durations.text(expiry));
    fields.put("partition", part == null ? ALL : part.number() + "/" + part.count());
    fields.put("after_expiry", options.afterExpiry() == AfterExpiry.DISCARD ? "discard" : "dead-letter");
    return fields;
  }

  /** {@code 10m} or {@code never}. */
  static final class Lives implements ITypeConverter<Life> {

    @Override
    public Life convert(String text) {
      try {
        return new Life(text.equals(NEVER) ? null : Durations.parse(text));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** {@code 2/8} or {@code all}. */
  static final class Parts implements ITypeConverter<Part> {

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

    @Override
    public Part convert(String text) {
      if (text.equals(ALL)) {
        return new Part(null);
      }
      Matcher parts = SHAPE.matcher(text);
      if (!parts.matches()) {
        throw new TypeConversionException(
            "a partition is written like 2/8, the second of eight, or all, but was \"" + text + "\"");
      }
      try {
        return new Part(Partition.of(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2))));
      } catch (HowdahException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** The words for what becomes of what has expired. */
  static final class Ends implements ITypeConverter<AfterExpiry> {

    @Override
    public AfterExpiry convert(String word) {
      return switch (word) {
        case "discard" -> AfterExpiry.DISCARD;
        case "dead-letter" -> AfterExpiry.DEAD_LETTER;
        default -> throw new TypeConversionException("use discard or dead-letter, not \"" + word + "\"");
      };
    }
  }
}
