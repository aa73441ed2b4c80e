package io.howdah.embedded;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Makes small tar archives, good and bad. */
final class TarFile {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarFile file(String name, String text) {
    return entry('0', name, "", text);
  }

  TarFile directory(String name) {
    return entry('5', name, "", "");
  }

  TarFile link(String name, String to) {
    return entry('2', name, to, "");
  }

  TarFile entry(char kind, String name, String to, String text) {
    byte[] data = text.getBytes(StandardCharsets.UTF_8);
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, kind == '0' && name.startsWith("bin/") ? "0000755" : "0000666");
    put(header, 124, String.format(Locale.ROOT, "%011o", data.length));
    put(header, 148, "        ");
    header[156] = (byte) kind;
    put(header, 157, to);
    put(header, 257, "ustar");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o", sum) + "\0 ");
    out.writeBytes(header);
    out.writeBytes(data);
    out.writeBytes(new byte[(BLOCK - data.length % BLOCK) % BLOCK]);
    return this;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** The archive, with the two empty blocks that end it. */
  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.writeBytes(new byte[2 * BLOCK]);
    return whole.toByteArray();
  }
}
