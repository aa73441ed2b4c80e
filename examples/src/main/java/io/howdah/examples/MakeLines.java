package io.howdah.examples;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes N JSON lines to stdout, the same ones each time, numbered from 1 so
 * that a reader can see each line once:
 *
 * <pre>
 * java examples/src/main/java/io/howdah/examples/MakeLines.java 1000000 &gt; orders.jsonl
 * </pre>
 */
public final class MakeLines {

  private static final int DEFAULT_COUNT = 1_000_000;
  private static final String[] CITIES = {"Århus", "Basel", "Cochin", "Dakar", "Évora", "Fes", "Genova", "Hải Phòng"};

  private MakeLines() {
  }

  public static void main(String[] args) throws IOException {
    int count = args.length == 0 ? DEFAULT_COUNT : Integer.parseInt(args[0]);
    try (OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
      write(count, out);
    }
  }

  /** Writes lines 1 to {@code count}. */
  public static void write(int count, OutputStream out) throws IOException {
    for (int number = 1; number <= count; number++) {
      out.write(line(number).getBytes(StandardCharsets.UTF_8));
      out.write('\n');
    }
  }

  /** Line {@code number}: one order as JSON, about 160 bytes. */
  public static String line(int number) {
    long bits = mix(number);
    String customer = String.format(Locale.ROOT, "c-%05d", Math.floorMod(bits, 50_000));
    String city = CITIES[(int) (bits >>> 61)];
    long cents = 100 + Math.floorMod(bits >>> 8, 250_000);
    return "{\"number\": " + number + ", \"type\": \"order.placed\", \"customer\": \"" + customer + "\", \"city\": \""
        + city + "\", \"items\": " + (1 + Math.floorMod(bits >>> 20, 9)) + ", \"total\": " + cents / 100 + "."
        + String.valueOf(100 + cents % 100).substring(1) + ", \"note\": \"" + Long.toHexString(bits) + "\"}";
  }

  /**
   * The finaliser of SplitMix64: spreads neighbouring numbers over all 64 bits.
   */
  private static long mix(long number) {
    long z = number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
