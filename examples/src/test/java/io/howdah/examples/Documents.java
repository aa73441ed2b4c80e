package io.howdah.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents of this repository, and what is in them. */
final class Documents {

  static final Path ROOT = Path.of(System.getProperty("howdah.root", ".."));
  static final String REFERENCE = "docs/guide/sql-reference.md";

  private static final Pattern SQL = Pattern.compile("(?ms)^```sql\n(.*?)^```");
  private static final Pattern REGION = Pattern.compile("(?ms)^ *// region: (\\S+)\n(.*?)^ *// endregion");

  private Documents() {
  }

  /** All that people read, by its path from the root. */
  static List<String> all() {
    try (Stream<Path> top = Files.list(ROOT); Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md"))
          .map(file -> ROOT.relativize(file).toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(String path) {
    try {
      return Files.readString(ROOT.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean exists(String path) {
    return Files.exists(ROOT.resolve(path));
  }

  /** The SQL examples of a document, from top to bottom. */
  static List<String> sql(String path) {
    return SQL.matcher(read(path)).results().map(match -> match.group(1)).toList();
  }

  /** A region of a source file, without the indentation that all its lines share. */
  static String region(String path, String name) {
    return REGION.matcher(read(path)).results().filter(match -> match.group(1).equals(name)).map(Documents::dedented)
        .findFirst().orElseThrow(() -> new IllegalArgumentException(path + " has no region " + name));
  }

  private static String dedented(MatchResult region) {
    return region.group(2).stripTrailing().stripIndent() + "\n";
  }
}
