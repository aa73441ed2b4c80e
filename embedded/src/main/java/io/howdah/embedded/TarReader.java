package io.howdah.embedded;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Unpacks a tar archive into an empty directory. Knows files, directories and symbolic links in the ustar format, with
 * the long names of GNU and pax; refuses anything else, and anything that would land outside the directory.
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final int MAX_NAME = 4096;

  private final InputStream in;
  private final Path root;
  private final byte[] header = new byte[BLOCK];

  private String longName = "";
  private String longLink = "";

  /** What was unpacked: enough to see later whether it is still whole. */
  record Content(int files, long bytes) {
  }

  private TarReader(InputStream in, Path root) {
    this.in = in;
    this.root = root;
  }

  static Content unpack(InputStream in, Path directory) throws IOException {
    return new TarReader(in, directory.toRealPath()).unpackAll();
  }

  private Content unpackAll() throws IOException {
    int files = 0;
    long bytes = 0;
    while (nextHeader()) {
      long size = number(124, 12);
      switch (header[156]) {
        case 'L' -> longName = text(readAll(size));
        case 'K' -> longLink = text(readAll(size));
        case 'x' -> readPax(new String(readAll(size), StandardCharsets.UTF_8));
        case 'g' -> readAll(size);
        case '0', 0 -> {
          writeFile(target(), size);
          files++;
          bytes += size;
        }
        case '5' -> makeDirectory(target());
        case '2' -> makeLink(target());
        default -> throw new IOException("archive entry " + name() + " is of an unknown kind " + (char) header[156]);
      }
      if (header[156] == '0' || header[156] == 0 || header[156] == '5' || header[156] == '2') {
        longName = "";
        longLink = "";
      }
    }
    return new Content(files, bytes);
  }

  private boolean nextHeader() throws IOException {
    if (in.readNBytes(header, 0, BLOCK) < BLOCK) {
      throw new EOFException("the archive ends in the middle");
    }
    long sum = 0;
    boolean empty = true;
    for (int i = 0; i < BLOCK; i++) {
      int value = header[i] & 0xff;
      empty &= value == 0;
      sum += i >= 148 && i < 156 ? ' ' : value;
    }
    if (!empty && sum != number(148, 8)) {
      throw new IOException("the archive is damaged: wrong checksum in the header of " + name());
    }
    return !empty;
  }

  private String name() {
    if (!longName.isEmpty()) {
      return longName;
    }
    String prefix = field(345, 155);
    return prefix.isEmpty() ? field(0, 100) : prefix + "/" + field(0, 100);
  }

  /** Where the entry goes. A parent that is a link to the outside is found by its real path. */
  private Path target() throws IOException {
    Path path = root.resolve(name()).normalize();
    if (name().startsWith("/") || !path.startsWith(root)) {
      throw new IOException("archive entry " + name() + " would be outside the directory");
    }
    Path parent = path.getParent();
    if (parent != null && !path.equals(root)) {
      makeDirectory(parent);
      requireInside(parent);
    }
    return path;
  }

  private void writeFile(Path path, long size) throws IOException {
    Files.createFile(path);
    try (var out = Files.newOutputStream(path)) {
      byte[] buffer = new byte[64 * 1024];
      for (long left = size; left > 0;) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("the archive ends in the middle of " + name());
        }
        out.write(buffer, 0, read);
        left -= read;
      }
    }
    in.skipNBytes(padding(size));
    boolean executable = (number(100, 8) & 0100) != 0;
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private void makeDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      Path parent = path.getParent();
      if (parent != null) {
        makeDirectory(parent);
        requireInside(parent);
      }
      Files.createDirectory(path);
      PrivateFiles.openToReaders(path);
    }
  }

  private void requireInside(Path directory) throws IOException {
    if (!directory.toRealPath().startsWith(root)) {
      throw new IOException("archive entry " + name() + " would be outside the directory, through a link");
    }
  }

  private void makeLink(Path path) throws IOException {
    String to = longLink.isEmpty() ? field(157, 100) : longLink;
    if (to.startsWith("/") || !path.resolveSibling(to).normalize().startsWith(root)) {
      throw new IOException("archive entry " + name() + " links to " + to + ", which is outside the directory");
    }
    Files.createSymbolicLink(path, Path.of(to));
  }

  private void readPax(String records) {
    for (int at = 0; at < records.length();) {
      int space = records.indexOf(' ', at);
      int end = records.indexOf('\n', at);
      if (space < 0 || end < space) {
        return;
      }
      String[] entry = records.substring(space + 1, end).split("=", 2);
      switch (entry[0]) {
        case "path" -> longName = entry[1];
        case "linkpath" -> longLink = entry[1];
        default -> {
          /* times and owners do not matter here */ }
      }
      at = end + 1;
    }
  }

  private byte[] readAll(long size) throws IOException {
    if (size > MAX_NAME) {
      throw new IOException("the archive is damaged: a name of " + size + " bytes");
    }
    byte[] bytes = in.readNBytes((int) size);
    in.skipNBytes(padding(size));
    return bytes;
  }

  private static long padding(long size) {
    return (BLOCK - size % BLOCK) % BLOCK;
  }

  private long number(int offset, int length) throws IOException {
    String octal = field(offset, length).trim();
    try {
      return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
    } catch (NumberFormatException e) {
      throw new IOException("the archive is damaged: \"" + octal + "\" is not a number", e);
    }
  }

  private String field(int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
