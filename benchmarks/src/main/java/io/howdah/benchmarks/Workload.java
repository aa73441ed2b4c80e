package io.howdah.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The workloads, each with its keys and their defaults. */
enum Workload {
  CALIBRATE("calibrate", "secs=5"), //
  W1("W1", "batch=1000 publishers=2 secs=6 callers=512 idle=0 warmup=2"), //
  W2("W2", "batch=100 fetch=1000 publishers=2 consumers=2 secs=15 inflight=0 bell=1 warmup=2"), //
  W2C("W2c", "batch=100 fetch=1000 publishers=2 consumers=2 secs=15 inflight=20000 bell=1 warmup=2"), //
  W3("W3", "rate=100 secs=20 warmup=2"), //
  W4("W4", "groups=5 batch=1000 fetch=1000 publishers=1 secs=15 inflight=20000 warmup=2"), //
  W5("W5", "rate=2000 secs=60 batch=20 fetch=1000 warmup=2"), //
  W6("W6", "concurrency=256 batch=100 fetch=1000 publishers=2 consumers=1 secs=15 inflight=20000 warmup=2"), //
  W7("W7", "keys=10000 processes=2 concurrency=16 batch=100 fetch=500 publishers=2 secs=15 inflight=20000 warmup=2"), //
  W8("W8", "backlog=10000000 batch=100 fetch=1000 publishers=2 consumers=2 secs=15 inflight=0 warmup=2"), //
  W9("W9", "rate=1000 secs=15 callers=16 warmup=2"), //
  W11("W11", "queues=10000 busy=100 publishers=16 concurrency=16"), //
  W16("W16", "rate=10 delay=2500 secs=20 warmup=2");

  private final String label;
  private final Map<String, Integer> defaults;

  Workload(String label, String defaults) {
    this.label = label;
    this.defaults = Arrays.stream(defaults.split(" ")).map(pair -> pair.split("="))
        .collect(Collectors.toMap(pair -> pair[0], pair -> Integer.valueOf(pair[1]), (a, b) -> b, LinkedHashMap::new));
  }

  static Optional<Workload> find(String name) {
    return Arrays.stream(values()).filter(each -> each.label.equalsIgnoreCase(name)).findFirst();
  }

  static String all() {
    return Arrays.stream(values()).map(Workload::label).collect(Collectors.joining(", "));
  }

  String label() {
    return label;
  }

  Map<String, Integer> defaults() {
    return defaults;
  }

  /** Whether the hand-written minimum can run it too. */
  boolean hasBare() {
    return switch (this) {
      case W1, W2, W2C, W3, W4, W5 -> true;
      case CALIBRATE, W6, W7, W8, W9, W11, W16 -> false;
    };
  }
}
