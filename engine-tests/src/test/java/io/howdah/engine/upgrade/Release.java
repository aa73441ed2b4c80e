package io.howdah.engine.upgrade;

import io.howdah.schema.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * A release of Howdah's schema that does not exist yet: this one's classes and files, copied, with something added. It runs beside this
 * one, in a class loader of its own.
 */
final class Release implements AutoCloseable {
  private static final String PACKAGE = "io.howdah.schema.";

  private final URLClassLoader loader;

  private Release(URLClassLoader loader) {
    this.loader = loader;
  }

  /** The next release: `added` maps file names below io/howdah/schema to their text. */
  static Release next(Path directory, Map<String, String> added) throws IOException {
    copyOwnFiles(directory);
    for (Map.Entry<String, String> file : added.entrySet()) {
      Files.writeString(directory.resolve("io/howdah/schema").resolve(file.getKey()), file.getValue());
    }
    return new Release(new OwnFirst(new URL[]{directory.toUri().toURL()}));
  }

  private static void copyOwnFiles(Path target) throws IOException {
    URI own = Schema.class.getProtectionDomain().getCodeSource().getLocation().toString().endsWith(".jar")
        ? URI.create("jar:" + Schema.class.getProtectionDomain().getCodeSource().getLocation())
        : URI.create(Schema.class.getProtectionDomain().getCodeSource().getLocation().toString());
    if (own.getScheme().equals("file")) {
      copy(Path.of(own), target);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(own, Map.of())) {
        copy(jar.getPath("/"), target);
      }
    }
  }

  private static void copy(Path source, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      files.filter(Files::isRegularFile)
          .forEach(file -> copyFile(file, target.resolve(source.relativize(file).toString())));
    }
  }

  private static void copyFile(Path source, Path target) {
    try {
      Files.createDirectories(target.getParent());
      Files.copy(source, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Schema.install() of that release does. */
  void install(DataSource dataSource) throws ReflectiveOperationException {
    Class<?> schema = loader.loadClass(Schema.class.getName());
    try {
      schema.getMethod("install").invoke(schema.getMethod("of", DataSource.class).invoke(null, dataSource));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }

  /** Finds the package of the schema in its own files, everything else where the tests find it. */
  private static final class OwnFirst extends URLClassLoader {
    OwnFirst(URL[] files) {
      super(files, Release.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (!name.startsWith(PACKAGE)) {
          return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    }

    @Override
    public URL getResource(String name) {
      return name.startsWith(PACKAGE.replace('.', '/')) ? findResource(name) : super.getResource(name);
    }
  }
}
