package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.HowdahException;
import io.howdah.RetryPolicy;
import io.howdah.RetryPolicy.AfterLast;
import io.howdah.RetryPolicy.Backoff;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What becomes of messages that fail, as options of a command and as its output; with it go limits. */
final class PolicyOptions {

  private static final String INFINITE = "infinite";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(names = "--retry", paramLabel = "WAIT", converter = Waits.class, description = "How long what fails waits: none,"
      + " a time (10s), times (1s,10s,5m), or growing from one time to another (1s..1h, the default).")
  private @Nullable Backoff backoff;

  @Option(names = "--jitter", paramLabel = "PART", description = "How much waits differ, 0 to 1 (0.1 if they grow, else 0).")
  private @Nullable Double jitter;

  @Option(names = "--max-attempts", paramLabel = "N", description = "Deliveries that may fail, 1 to 30000, or infinite (20).")
  private @Nullable String maxAttempts;

  @Option(names = "--after-last", paramLabel = "WHAT", converter = Ends.class, description = "What happens then: dead-letter, discard, which only counts it, or block, which holds up its key until somebody decides (dead-letter).")
  private @Nullable AfterLast afterLast;

  @Mixin
  private LimitParameters limits = new LimitParameters();

  /** What was said about limits. */
  LimitParameters limits() {
    return limits;
  }

  /** Whether anything was said about failures. */
  boolean isGiven() {
    return backoff != null || jitter != null || maxAttempts != null || afterLast != null;
  }

  /** A policy with what the options change about it. */
  RetryPolicy change(RetryPolicy policy) {
    Backoff changed = backoff == null ? policy.backoff() : backoff;
    double usual = backoff == null ? policy.jitter() : backoff instanceof Backoff.Exponential ? 0.1 : 0;
    return new RetryPolicy(changed, jitter == null ? usual : jitter, attempts(policy.maxAttempts()),
        afterLast == null ? policy.afterLast() : afterLast);
  }

  private @Nullable Integer attempts(@Nullable Integer usual) {
    if (maxAttempts == null) {
      return usual;
    }
    if (maxAttempts.equals(INFINITE)) {
      return null;
    }
    if (command != null && !maxAttempts.matches("\\d{1,9}")) {
      throw new ParameterException(command.commandLine(),
          "--max-attempts must be a number or infinite but was \"" + maxAttempts + "\"");
    }
    return Integer.valueOf(maxAttempts);
  }

  /** A policy in the words of the options. */
  static Map<String, Object> fields(RetryPolicy policy) {
    Integer attempts = policy.maxAttempts();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("retry", switch (policy.backoff()) {
      case Backoff.None none -> "none";
      case Backoff.Fixed fixed -> Durations.text(fixed.delay());
      case Backoff.Steps steps -> steps.delays().stream().map(Durations::text).collect(Collectors.joining(","));
      case Backoff.Exponential growing -> Durations.text(growing.base()) + ".." + Durations.text(growing.cap());
    });
    fields.put("jitter", policy.jitter());
    fields.put("max_attempts", attempts == null ? INFINITE : attempts);
    fields.put("after_last", switch (policy.afterLast()) {
      case DEAD_LETTER -> "dead-letter";
      case DISCARD -> "discard";
      case BLOCK -> "block";
    });
    return fields;
  }

  /** {@code none}, {@code 10s}, {@code 1s,10s} or {@code 1s..1h}. */
  static final class Waits implements CommandLine.ITypeConverter<Backoff> {

    @Override
    public Backoff convert(String text) {
      try {
        int dots = text.indexOf("..");
        if (text.equals("none")) {
          return new Backoff.None();
        } else if (dots >= 0) {
          return new Backoff.Exponential(Durations.parse(text.substring(0, dots)),
              Durations.parse(text.substring(dots + 2)));
        }
        List<Duration> times = Arrays.stream(text.split(",", -1)).map(Durations::parse).toList();
        return times.size() == 1 ? new Backoff.Fixed(times.getFirst()) : new Backoff.Steps(times);
      } catch (IllegalArgumentException | HowdahException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** The words for what happens after the last attempt. */
  static final class Ends implements CommandLine.ITypeConverter<AfterLast> {

    @Override
    public AfterLast convert(String word) {
      return switch (word) {
        case "dead-letter" -> AfterLast.DEAD_LETTER;
        case "discard" -> AfterLast.DISCARD;
        case "block" -> AfterLast.BLOCK;
        default -> throw new TypeConversionException("use dead-letter, discard or block, not \"" + word + "\"");
      };
    }
  }
}
