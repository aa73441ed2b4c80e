package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.HowdahException;
import io.howdah.StreamOptions;
import io.howdah.Unroutable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What holds for the messages of a stream, as options of a command and as its output. */
final class StreamParameters {

  private static final String INFINITE = "infinite";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(names = "--retention", paramLabel = "TIME", description = "How long messages are kept for subscriptions that come later (as howdah config says).")
  private @Nullable Duration retention;

  @Option(names = "--once-window", paramLabel = "TIME", description = "How long deduplication keys count (as howdah config says).")
  private @Nullable Duration onceWindow;

  @Option(names = "--max-payload", paramLabel = "SIZE", converter = Sizes.class, description = "The largest payload: bytes, or a number of kB or MB, for example 256kB (as howdah config says).")
  private @Nullable Integer maxPayload;

  @Option(names = "--ttl", paramLabel = "TIME", converter = Lives.class, description = "For how long a message may be delivered that says nothing about it, for example 1h, or infinite (infinite).")
  private @Nullable Life timeToLive;

  @Option(names = "--header", paramLabel = "NAME=VALUE", description = "Header of every message, unless it has its own; may be given several times, and replaces those before.")
  private @Nullable Map<String, String> headers;

  @Option(names = "--no-headers", description = "No such headers any more.")
  private boolean noHeaders;

  @Option(names = "--unroutable", paramLabel = "WHAT", description = "What becomes of a message that no subscription takes: keep, error, drop or park (keep).")
  private @Nullable String unroutable;

  @Option(names = "--park-in", paramLabel = "QUEUE", description = "Where it goes with --unroutable park.")
  private @Nullable String parkIn;

  /** A time, or none: for ever. */
  private record Life(@Nullable Duration time) {
  }

  /** Options with what was said about them. */
  StreamOptions change(StreamOptions options) {
    if (headers != null && noHeaders) {
      throw wrong("--header and --no-headers exclude each other");
    }
    StreamOptions changed = options;
    changed = retention == null ? changed : changed.withRetention(retention);
    changed = onceWindow == null ? changed : changed.withDeduplication(onceWindow);
    changed = maxPayload == null ? changed : changed.withMaxPayloadBytes(maxPayload);
    changed = timeToLive == null ? changed : changed.withTimeToLive(timeToLive.time);
    changed = noHeaders ? changed.withHeaders(Map.of()) : changed;
    changed = headers == null ? changed : changed.withHeaders(headers);
    if (unroutable == null && parkIn == null) {
      return changed;
    }
    return changed.withUnroutable(unroutable());
  }

  private Unroutable unroutable() {
    String word = unroutable == null ? "park" : unroutable;
    if (word.equals("park") && parkIn != null) {
      return new Unroutable.Park(parkIn);
    } else if (word.equals("park") || parkIn != null) {
      throw wrong("--unroutable park and --park-in belong together");
    }
    return switch (word) {
      case "keep" -> new Unroutable.Keep();
      case "error" -> new Unroutable.Refuse();
      case "drop" -> new Unroutable.Drop();
      default -> throw wrong("--unroutable must be keep, error, drop or park but was \"" + word + "\"");
    };
  }

  private RuntimeException wrong(String what) {
    return command == null ? new IllegalArgumentException(what) : new ParameterException(command.commandLine(), what);
  }

  /** Options in the words of the command line. */
  static Map<String, Object> fields(StreamOptions options) {
    Duration ttl = options.timeToLive();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("retention", text(options.retention()));
    fields.put("once_window", text(options.deduplication()));
    fields.put("max_payload", options.maxPayloadBytes());
    fields.put("ttl", ttl == null ? INFINITE : Durations.text(ttl));
    fields.put("headers", options.headers());
    fields.put("unroutable", switch (options.unroutable()) {
      case Unroutable.Keep keep -> "keep";
      case Unroutable.Refuse refuse -> "error";
      case Unroutable.Drop drop -> "drop";
      case Unroutable.Park park -> "park";
    });
    fields.put("park_in", options.unroutable() instanceof Unroutable.Park park ? park.queue() : null);
    return fields;
  }

  private static @Nullable String text(@Nullable Duration time) {
    return time == null ? null : Durations.text(time);
  }

  /** {@code 1h} or {@code infinite}. */
  static final class Lives implements ITypeConverter<Life> {

    @Override
    public Life convert(String text) {
      try {
        return new Life(text.equals(INFINITE) ? null : Durations.parse(text));
      } catch (IllegalArgumentException | HowdahException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** {@code 65536}, {@code 64kB} or {@code 1MB}. */
  static final class Sizes implements ITypeConverter<Integer> {

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})(kB|MB)?");

    @Override
    public Integer convert(String text) {
      Matcher size = SHAPE.matcher(text);
      if (size.matches()) {
        long unit = size.group(2) == null ? 1 : size.group(2).equals("kB") ? 1 << 10 : 1 << 20;
        long bytes = Long.parseLong(size.group(1)) * unit;
        if (bytes <= 256 << 20) {
          return (int) bytes;
        }
      }
      throw new TypeConversionException("use bytes, or a number of kB or MB, up to 256MB, not \"" + text + "\"");
    }
  }
}
