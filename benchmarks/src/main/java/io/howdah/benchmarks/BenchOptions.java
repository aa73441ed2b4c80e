package io.howdah.benchmarks;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be run.
 *
 * @param numbers
 *          the workload's keys with their values
 */
record BenchOptions(Workload workload, boolean bare, Map<String, Integer> numbers) {

  private static final int MOST = 1_000_000_000;
  private static final Set<String> MAY_BE_ZERO = Set.of("inflight", "warmup", "backlog", "idle", "bell", "delay");

  /** Reads {@code WORKLOAD key=value …}. */
  static BenchOptions parse(List<String> arguments) {
    if (arguments.isEmpty()) {
      throw invalid("which workload? One of " + Workload.all());
    }
    Workload workload = Workload.find(arguments.getFirst())
        .orElseThrow(() -> invalid("no workload \"" + arguments.getFirst() + "\"; one of " + Workload.all()));
    Map<String, Integer> numbers = new LinkedHashMap<>(workload.defaults());
    boolean bare = false;
    for (String argument : arguments.subList(1, arguments.size())) {
      int equals = argument.indexOf('=');
      String key = equals < 0 ? argument : argument.substring(0, equals);
      String value = equals < 0 ? "" : argument.substring(equals + 1);
      if (key.equals("variant")) {
        bare = isBare(workload, value);
      } else if (numbers.containsKey(key)) {
        numbers.put(key, number(key, value));
      } else {
        throw invalid("workload " + workload.label() + " has no key \"" + key + "\"; it has variant, "
            + String.join(", ", numbers.keySet()));
      }
    }
    return new BenchOptions(workload, bare, numbers);
  }

  private static boolean isBare(Workload workload, String value) {
    if (value.equals("bare") && !workload.hasBare()) {
      throw invalid("workload " + workload.label() + " has no variant \"bare\"");
    }
    if (!value.equals("bare") && !value.equals("howdah")) {
      throw invalid("variant must be howdah or bare but was \"" + value + "\"");
    }
    return value.equals("bare");
  }

  private static int number(String key, String value) {
    int least = MAY_BE_ZERO.contains(key) ? 0 : 1;
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= MOST) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalid(key + " must be a whole number but was \"" + value + "\"", e);
    }
    throw invalid(key + " must be between " + least + " and " + MOST + " but was " + value);
  }

  private static HowdahException invalid(String message) {
    return invalid(message, null);
  }

  private static HowdahException invalid(String message, @Nullable Throwable cause) {
    return new HowdahException(ErrorCode.INVALID, message, cause);
  }

  boolean has(String key) {
    return numbers.containsKey(key);
  }

  /** The value of a key; of one that the workload does not have: {@code otherwise}. */
  int number(String key, int otherwise) {
    return numbers.getOrDefault(key, otherwise);
  }

  int batch() {
    return number("batch", 1);
  }

  int fetch() {
    return number("fetch", 1000);
  }

  int publishers() {
    return number("publishers", 1);
  }

  int consumers() {
    return number("consumers", 1);
  }

  int groups() {
    return number("groups", 1);
  }

  /** How long after its publishing a message is due. */
  Duration delay() {
    return Duration.ofMillis(number("delay", 0));
  }

  int seconds() {
    return number("secs", 1);
  }

  int warmup() {
    return number("warmup", 0);
  }

  /** Whether publishers ring and consumers listen; without, consumers poll. */
  boolean bell() {
    return number("bell", 1) != 0;
  }

  /** The schema that holds the tables of what is measured. */
  String schema() {
    return bare ? "howdah_bare" : "howdah";
  }
}
