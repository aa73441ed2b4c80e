package io.howdah.engine.traps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table in docs/traps.md names every trap, and only tests that exist. */
class TrapTableTest {
  private static final Pattern TEST = Pattern.compile("`([a-z]+\\.[A-Za-z]+)#([A-Za-z]+)`");

  private static List<String> lines() throws IOException {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("docs/traps.md"))) {
      directory = directory.getParent();
    }
    return Files.readAllLines(directory.resolve("docs/traps.md"));
  }

  @Test
  void everyTestThatItNamesExists() throws Exception {
    List<MatchResult> tests = lines().stream().flatMap(line -> TEST.matcher(line).results()).toList();
    assertThat(tests).hasSizeGreaterThan(60);
    for (MatchResult test : tests) {
      assertThat(Arrays.stream(Class.forName("io.howdah.engine." + test.group(1)).getDeclaredMethods())
          .map(java.lang.reflect.Method::getName)).as(test.group()).contains(test.group(2));
    }
  }

  @Test
  void everyTrapHasALine() throws IOException {
    Stream<String> traps = IntStream.of(34, 35, 36, 37, 44, 45, 46, 47, 49, 50, 53, 54, 55)
        .mapToObj("T%02d"::formatted);
    Stream<String> earlier = IntStream.concat(IntStream.rangeClosed(1, 25), IntStream.rangeClosed(31, 33))
        .mapToObj("T%02d"::formatted);
    Stream<String> defects = IntStream.rangeClosed(0, 25).mapToObj("D%d"::formatted);
    List<String> table = lines();

    Stream.of(traps, earlier, defects).flatMap(names -> names)
        .forEach(name -> assertThat(table).as(name).anyMatch(line -> line.startsWith("| " + name + " | ")));
  }
}
