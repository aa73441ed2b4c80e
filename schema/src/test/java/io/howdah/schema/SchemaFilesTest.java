package io.howdah.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaFilesTest {
  private static final Pattern CREATE = Pattern.compile("(?m)^create or replace function howdah\\.(\\w+)\\(");

  @Test
  void eachFunctionFileCreatesTheFunctionOfItsNameAndNothingElse() {
    SchemaFiles files = SchemaFiles.load();

    assertThat(files.functions()).hasSizeGreaterThan(30).allSatisfy(file -> {
      Matcher create = CREATE.matcher(file.sql());
      assertThat(create.find()).as(file.path()).isTrue();
      assertThat(create.group(1)).as(file.path()).isEqualTo(file.name());
      assertThat(create.find()).as(file.path()).isFalse();
      assertThat(file.sql().substring(file.sql().lastIndexOf('$') + 1).strip()).as(file.path()).isEqualTo(";");
    });
  }

  @Test
  void theBodyIsWhatStandsBetweenTheDollarQuotes() {
    FunctionFile file = new FunctionFile("functions/a/b.sql",
        "-- costs $$ and $x$\ncreate … as $x$ select '$$' $x$;\n");

    assertThat(file.name()).isEqualTo("b");
    assertThat(file.body()).isEqualTo(" select '$$' ");
  }

  @Test
  void theFilesAreFoundInAJarToo(@TempDir Path directory) throws Exception {
    Path jar = jarOf(Path.of(SchemaFiles.class.getProtectionDomain().getCodeSource().getLocation().toURI()), directory);
    URL driver = org.postgresql.Driver.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader = new URLClassLoader(new URL[]{jar.toUri().toURL(), driver},
        ClassLoader.getPlatformClassLoader())) {
      Method print = loader.loadClass(Schema.class.getName()).getMethod("print");

      assertThat(print.invoke(null)).isEqualTo(Schema.print());
    }
  }

  private static Path jarOf(Path classes, Path directory) throws IOException {
    Path jar = directory.resolve("howdah schema.jar");
    List<Path> files;
    try (Stream<Path> walk = Files.walk(classes)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out)) {
      for (Path file : files) {
        entries.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, entries);
      }
    }
    return jar;
  }
}
