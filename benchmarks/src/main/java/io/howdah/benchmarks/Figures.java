package io.howdah.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result of a run: one value, or null, for each key of the JSON line. */
final class Figures {

  static final List<String> KEYS = List.of("peer", "variant", "workload", "ok", "error", "publishers", "consumers",
      "groups", "batch", "fetch", "rate", "seconds", "published", "published_per_s", "consumed_per_s",
      "delivered_per_s", "backlog_end", "backlog_grew", "drained", "lost", "dup", "reordered", "p50_ms", "p95_ms",
      "p99_ms", "max_ms", "first10_per_s", "last10_per_s", "first10_p99_ms", "last10_p99_ms", "bytes_per_msg_held",
      "bytes_per_msg_after", "wal_bytes_per_msg", "dead_tuples_end", "server_cpu_us_per_msg", "client_cpu_us_per_msg",
      "settings");

  static final List<String> CALIBRATION_KEYS = List.of("peer", "workload", "ok", "error", "rows_per_s", "commit_p50_ms",
      "fdatasync_p50_ms", "seconds", "settings");

  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  Figures(List<String> keys) {
    keys.forEach(key -> values.put(key, null));
  }

  void set(String key, @Nullable Object value) {
    if (!values.containsKey(key)) {
      throw new IllegalArgumentException("\"" + key + "\" is not a key of the result");
    }
    values.put(key, value);
  }

  /** A number with as many decimals as it is worth. */
  void set(String key, double value, int decimals) {
    double scale = Math.pow(10, decimals);
    set(key, Double.isFinite(value) ? Math.round(value * scale) / scale : null);
  }

  void latency(Histogram latency) {
    if (!latency.isEmpty()) {
      set("p50_ms", latency.millis(0.50), 3);
      set("p95_ms", latency.millis(0.95), 3);
      set("p99_ms", latency.millis(0.99), 3);
      set("max_ms", latency.maxMillis(), 3);
    }
  }

  /** Adds to the line of settings. */
  void note(String text) {
    if (!text.isEmpty()) {
      values.merge("settings", text, (old, more) -> old + ", " + more);
    }
  }

  /** It went wrong; the first reason counts. */
  void fail(String reason) {
    set("ok", false);
    if (values.get("error") == null) {
      set("error", reason);
    }
  }

  boolean isOk() {
    return Boolean.TRUE.equals(values.get("ok"));
  }

  /** What is known, one line each. */
  String summary() {
    StringBuilder text = new StringBuilder();
    values.forEach((key, value) -> {
      if (value != null) {
        text.append(
            String.format(Locale.ROOT, "  %-22s %s%n", key, value instanceof Double ? plain((Double) value) : value));
      }
    });
    return text.toString();
  }

  String json() {
    StringBuilder text = new StringBuilder("{");
    values.forEach((key, value) -> text.append(text.length() == 1 ? "" : ",").append(quoted(key)).append(':').append(
        value instanceof String ? quoted((String) value) : value instanceof Double ? plain((Double) value) : value));
    return text.append('}').toString();
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private static String quoted(String value) {
    StringBuilder text = new StringBuilder("\"");
    value.codePoints().forEach(c -> {
      if (c == '"' || c == '\\') {
        text.append('\\').appendCodePoint(c);
      } else if (c < ' ') {
        text.append(' ');
      } else {
        text.appendCodePoint(c);
      }
    });
    return text.append('"').toString();
  }
}
