package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.LimitOptions;
import io.howdah.Subscription;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How much of a queue its consumers may have, as options of a command and as its output. */
final class LimitParameters {

  private static final String INFINITE = "infinite";

  @Option(names = "--concurrency", paramLabel = "N", converter = Count.class, description = "Most messages in flight, over all consumers, 1 to 1000000, or infinite (infinite).")
  private @Nullable Limit concurrency;

  @Option(names = "--rate", paramLabel = "N/TIME", converter = Pace.class, description = "Most messages in a period, over all consumers: 100/1s, 1000/1h, or infinite (infinite).")
  private @Nullable Limit rate;

  @Option(names = "--single-active", negatable = true, description = "One consumer at a time gets messages; another takes over when it is gone.")
  private @Nullable Boolean singleActive;

  @Option(names = "--key-concurrency", paramLabel = "N", converter = Count.class, description = "Most messages of one key in flight, 1 to 1000000, or infinite (infinite).")
  private @Nullable Limit keyConcurrency;

  @Option(names = "--key-rate", paramLabel = "N/TIME", converter = Pace.class, description = "Most messages of one key in a period: 5/1s, 100/1h, or infinite (infinite).")
  private @Nullable Limit keyRate;

  /** A number, or none, and the period that it is for. */
  private record Limit(@Nullable Integer most, Duration period) {
  }

  /** Changes what the options name, if there are any. */
  void apply(Subscription<?> subscription) {
    LimitOptions limits = subscription.limits();
    LimitOptions changed = change(limits);
    if (!changed.equals(limits)) {
      subscription.alter(changed);
    }
  }

  /** Limits with what the options change about them. */
  LimitOptions change(LimitOptions limits) {
    Limit paced = rate == null ? new Limit(limits.rate(), limits.ratePeriod()) : rate;
    Limit keyPaced = keyRate == null ? new Limit(limits.keyRate(), limits.keyRatePeriod()) : keyRate;
    return new LimitOptions(concurrency == null ? limits.concurrency() : concurrency.most(), paced.most(),
        paced.period(), singleActive == null ? limits.singleActive() : singleActive,
        keyConcurrency == null ? limits.keyConcurrency() : keyConcurrency.most(), keyPaced.most(), keyPaced.period());
  }

  /** Limits in the words of the options. */
  static Map<String, Object> fields(LimitOptions limits) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("concurrency", most(limits.concurrency()));
    fields.put("rate", rate(limits.rate(), limits.ratePeriod()));
    fields.put("single_active", limits.singleActive());
    fields.put("key_concurrency", most(limits.keyConcurrency()));
    fields.put("key_rate", rate(limits.keyRate(), limits.keyRatePeriod()));
    return fields;
  }

  private static Object most(@Nullable Integer limit) {
    return limit == null ? INFINITE : limit;
  }

  private static Object rate(@Nullable Integer rate, Duration period) {
    return rate == null ? INFINITE : rate + "/" + Durations.text(period);
  }

  private static int number(String text) {
    if (!text.matches("\\d{1,7}")) {
      throw new TypeConversionException("use a number from 1 to 1000000, or infinite, not \"" + text + "\"");
    }
    return Integer.parseInt(text);
  }

  /** {@code 5} or {@code infinite}. */
  static final class Count implements ITypeConverter<Limit> {

    @Override
    public Limit convert(String text) {
      return new Limit(text.equals(INFINITE) ? null : number(text), Duration.ofSeconds(1));
    }
  }

  /** {@code 100/1m}, {@code 100}, which is one of a second, or {@code infinite}. */
  static final class Pace implements ITypeConverter<Limit> {

    @Override
    public Limit convert(String text) {
      int slash = text.indexOf('/');
      if (slash < 0) {
        return new Count().convert(text);
      }
      try {
        return new Limit(number(text.substring(0, slash)), Durations.parse(text.substring(slash + 1)));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
