package io.howdah.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The SQL files that this Howdah carries: migrations by number, functions by
 * path, and the grants. The class path is walked, a directory or a jar alike,
 * so a new file needs no entry in any list.
 */
record SchemaFiles(List<Migration> migrations, List<FunctionFile> functions, String grants) {
  private static final String GRANTS = "grants.sql";
  private static final String MIGRATIONS = "migrations/";
  private static final String FUNCTIONS = "functions/";

  SchemaFiles {
    migrations = List.copyOf(migrations);
    functions = List.copyOf(functions);
    for (int i = 0; i < migrations.size(); i++) {
      if (migrations.get(i).number() != i + 1) {
        throw new SchemaException(
            "migrations must be numbered 1, 2, 3 … but number %d is \"%s\"".formatted(i + 1, migrations.get(i).label()),
            null);
      }
    }
  }

  static SchemaFiles load() {
    List<String> paths = paths();
    List<Migration> migrations = paths.stream().filter(path -> path.startsWith(MIGRATIONS))
        .map(path -> Migration.parse(path.substring(MIGRATIONS.length()), read(path)))
        .sorted(Comparator.comparingInt(Migration::number)).toList();
    List<FunctionFile> functions = paths.stream().filter(path -> path.startsWith(FUNCTIONS)).sorted()
        .map(path -> new FunctionFile(path, read(path))).toList();
    return new SchemaFiles(migrations, functions, read(GRANTS));
  }

  int version() {
    return migrations.size();
  }

  private static List<String> paths() {
    URL anchor = SchemaFiles.class.getResource(GRANTS);
    if (anchor == null) {
      throw new SchemaException(
          "io/howdah/schema/" + GRANTS + " is not on the class path: howdah-schema.jar is damaged", null);
    }
    try {
      URLConnection connection = anchor.openConnection();
      if (connection instanceof JarURLConnection jar) {
        return pathsInJar(jar);
      }
      return pathsBeside(Path.of(anchor.toURI()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the SQL files beside " + anchor, e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class path entry is no URI: " + anchor, e);
    }
  }

  private static List<String> pathsInJar(JarURLConnection connection) throws IOException {
    connection.setUseCaches(false);
    String entry = connection.getEntryName();
    String root = entry.substring(0, entry.length() - GRANTS.length());
    try (JarFile jar = connection.getJarFile()) {
      return jar.stream().map(file -> file.getName()).filter(name -> name.startsWith(root) && name.endsWith(".sql"))
          .map(name -> name.substring(root.length())).toList();
    }
  }

  private static List<String> pathsBeside(Path anchor) throws IOException {
    Path root = anchor.resolveSibling("");
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".sql"))
          .map(file -> root.relativize(file).toString().replace('\\', '/')).toList();
    }
  }

  private static String read(String path) {
    try (InputStream in = SchemaFiles.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new SchemaException(
            "io/howdah/schema/" + path + " is not on the class path: howdah-schema.jar is damaged", null);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read io/howdah/schema/" + path, e);
    }
  }
}
