package io.howdah.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Payloads of 200 bytes of JSON, each of which says who published it, as which of its messages, and when. All have one
 * shape, so that reading them back costs next to nothing.
 */
final class Stamp {

  static final int BYTES = 200;

  private static final String SHAPE = "{\"publisher\":\"0000\",\"number\":\"0000000000\",\"at\":\"0000000000000000000\",\"note\":\"";
  private static final int PUBLISHER = SHAPE.indexOf("0000");
  private static final int NUMBER = SHAPE.indexOf("0000000000");
  private static final int AT = SHAPE.indexOf("0000000000000000000");
  private static final int NOTE = SHAPE.length();
  private static final String NOTES = "A howdah is the carriage on the back of an elephant; it goes where the elephant goes, and it is lost only with it. ";

  private final byte[] template;
  private final long ahead;
  private long next;

  /** For one thread: the messages of one publisher, numbered from 0, each stamped so many nanoseconds ahead. */
  Stamp(int publisher, long ahead) {
    this.ahead = ahead;
    StringBuilder text = new StringBuilder(SHAPE);
    while (text.length() < BYTES - 2) {
      text.append(NOTES, 0, Math.min(NOTES.length(), BYTES - 2 - text.length()));
    }
    template = text.append("\"}").toString().getBytes(StandardCharsets.ISO_8859_1);
    write(template, PUBLISHER, 4, publisher);
  }

  List<String> next(int count) {
    List<String> payloads = new ArrayList<>(count);
    write(template, AT, 19, System.nanoTime() + ahead);
    for (int i = 0; i < count; i++) {
      write(template, NUMBER, 10, next++);
      payloads.add(new String(template, StandardCharsets.ISO_8859_1));
    }
    return payloads;
  }

  /** How many were made. */
  long count() {
    return next;
  }

  static int publisher(String payload) {
    return (int) read(payload, PUBLISHER, 4);
  }

  static long number(String payload) {
    return read(payload, NUMBER, 10);
  }

  /** {@link System#nanoTime()} of the publisher, which is of this process, or what it was to be when this is due. */
  static long at(String payload) {
    return read(payload, AT, 19);
  }

  /** Whether it came back as it was sent, as far as its shape goes. */
  static boolean isWhole(String payload) {
    return payload.length() == BYTES && payload.startsWith("\",\"note\":\"", AT + 19) && payload.charAt(NOTE) == 'A';
  }

  private static void write(byte[] into, int from, int digits, long value) {
    long left = value;
    for (int i = from + digits - 1; i >= from; i--) {
      into[i] = (byte) ('0' + left % 10);
      left /= 10;
    }
  }

  private static long read(String text, int from, int digits) {
    long value = 0;
    for (int i = from; i < from + digits; i++) {
      value = value * 10 + (text.charAt(i) - '0');
    }
    return value;
  }
}
