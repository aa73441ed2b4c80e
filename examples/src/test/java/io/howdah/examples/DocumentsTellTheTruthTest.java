package io.howdah.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents show and name is what is there. */
@HowdahTest
class DocumentsTellTheTruthTest {

  private static final String SCHEMA = "schema/src/main/resources/io/howdah/schema/";
  private static final Pattern SNIPPET = Pattern.compile("(?ms)^<!-- snippet: (\\S+)#(\\S+) -->\n```java\n(.*?)^```");
  private static final Pattern SIGNATURE = Pattern.compile("(?m)^```\n(howdah\\..*)\n");
  private static final Pattern FUNCTION = Pattern.compile("(?s)create or replace function (.*?)\nlanguage");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]*)(#[^)]*)?\\)");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern CLASS = Pattern.compile("[A-Z][a-z]+([A-Z][a-z]*)+|Howdah[A-Za-z]+");
  private static final Set<String> CLASSES_OF_OTHERS = Set.of("NullAway");
  private static final Set<String> INTERNAL = Set.of("advance_segment", "check_claim", "check_messages", "check_name",
      "check_pattern", "check_payload", "current_epoch", "current_segment", "drop_carried", "expire_archive",
      "expire_subscriptions", "fail_unknown", "fold_tallies", "forget_filters", "is_due", "known_settings",
      "new_secret", "require_read_committed", "stream_option_names");

  private final TestDatabase database;

  DocumentsTellTheTruthTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void snippetsAreRegionsOfTheExamples() {
    for (String document : Documents.all()) {
      SNIPPET.matcher(Documents.read(document)).results().forEach(snippet -> assertThat(snippet.group(3))
          .as("%s in %s", snippet.group(2), document).isEqualTo(Documents.region(snippet.group(1), snippet.group(2))));
      assertThat(Documents.read(document).split("<!-- snippet:", -1)).as("markers that are understood in %s", document)
          .hasSize(1 + (int) SNIPPET.matcher(Documents.read(document)).results().count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/guide/getting-started.md", "docs/guide/operations.md",
      "docs/guide/retries.md", "docs/guide/limits.md", "docs/guide/dead-letters.md", "docs/guide/routing.md",
      "docs/guide/replay.md", "docs/guide/ordering.md", Documents.REFERENCE})
  void sqlExamplesRun(String document) {
    database.query("create table if not exists shop_order (id int); select howdah.create_queue('orders')");
    assertThat(Documents.sql(document)).isNotEmpty();
    for (String example : Documents.sql(document)) {
      assertThatCode(() -> database.query(example)).as(example).doesNotThrowAnyException();
    }
  }

  @Test
  void theReferenceHasEveryPublicFunctionAsItIs() throws IOException {
    Set<String> told = SIGNATURE.matcher(Documents.read(Documents.REFERENCE)).results().map(match -> match.group(1))
        .filter(signature -> !signature.startsWith("howdah.delivery ")).collect(Collectors.toCollection(TreeSet::new));
    assertThat(told).containsExactlyElementsOf(publicFunctions());
  }

  @Test
  void theReferenceHasTheRowOfAClaimAsItIs() {
    String row = database.text("""
        select string_agg(quote_ident(attname) || ' ' || case format_type(atttypid, null)
          when 'timestamp with time zone' then 'timestamptz' when 'integer' then 'int'
          else format_type(atttypid, null) end, ', ' order by attnum)
        from pg_attribute where attrelid = 'howdah.delivery'::regclass and attnum > 0""");
    assertThat(Documents.read(Documents.REFERENCE)).contains("howdah.delivery (" + row + ")");
  }

  @Test
  void linksLeadSomewhere() {
    for (String document : Documents.all()) {
      Path folder = Path.of(document).resolveSibling("");
      LINK.matcher(Documents.read(document)).results().map(link -> link.group(1))
          .filter(target -> !target.isEmpty() && !target.startsWith("http"))
          .forEach(target -> assertThat(Documents.ROOT.resolve(folder).resolve(target)).as("linked from %s", document)
              .exists());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"})
  void pathsAndClassesThatAreNamedExist(String document) throws IOException {
    Set<String> classes = classes();
    List<String> words = CODE.matcher(Documents.read(document)).results().map(word -> word.group(1)).toList();
    Predicate<String> isPath = word -> word.matches("[a-z0-9_./-]+/[A-Za-z0-9_./-]*") && !word.startsWith("./");
    assertThat(words.stream().filter(isPath))
        .allMatch(word -> Documents.exists(word) || Documents.exists(SCHEMA + word));
    assertThat(words.stream().filter(CLASS.asMatchPredicate()).filter(word -> !CLASSES_OF_OTHERS.contains(word)))
        .allMatch(classes::contains);
    assertThat(words.stream().filter(word -> word.startsWith("io.howdah.")))
        .allMatch(word -> Documents.exists("core/src/main/java/" + word.replace('.', '/')));
  }

  private static Set<String> publicFunctions() throws IOException {
    try (Stream<Path> files = Files.walk(Documents.ROOT.resolve(SCHEMA + "functions"))) {
      return files.filter(file -> file.toString().endsWith(".sql"))
          .filter(file -> !INTERNAL.contains(file.getFileName().toString().replace(".sql", "")))
          .map(file -> signature(Documents.ROOT.relativize(file).toString()))
          .filter(signature -> !signature.contains("v_")).collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static String signature(String file) {
    MatchResult function = FUNCTION.matcher(Documents.read(file)).results().findFirst().orElseThrow();
    return function.group(1).replaceAll("\\s+", " ").replace("( ", "(").replace(" )", ")");
  }

  private static Set<String> classes() throws IOException {
    Set<String> classes = new TreeSet<>();
    try (Stream<Path> modules = Files.list(Documents.ROOT)) {
      for (Path sources : modules.map(module -> module.resolve("src")).filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.walk(sources)) {
          files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".java"))
              .map(name -> name.replace(".java", "")).forEach(classes::add);
        }
      }
    }
    return classes;
  }
}
