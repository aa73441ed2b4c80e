package io.howdah.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An unpacked PostgreSQL.
 *
 * @param home the directory with bin, lib and share
 * @param major the major version
 */
record Binaries(Path home, int major) {
  private static final Pattern FIRST_LINE = Pattern.compile("# PostgreSQL (\\d+)");

  static Binaries at(Path home) {
    Path catalogue = home.resolve("share/postgresql/postgres.bki");
    try (BufferedReader reader = Files.newBufferedReader(catalogue)) {
      Matcher line = FIRST_LINE.matcher(String.valueOf(reader.readLine()));
      if (!line.matches()) {
        throw new EmbeddedException(catalogue + " does not say which version of PostgreSQL it belongs to");
      }
      return new Binaries(home, Integer.parseInt(line.group(1)));
    } catch (IOException e) {
      throw EmbeddedException.of("read " + catalogue, e);
    }
  }

  String executable(String name) {
    return home.resolve("bin").resolve(name).toString();
  }
}
