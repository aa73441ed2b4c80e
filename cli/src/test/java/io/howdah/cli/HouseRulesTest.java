package io.howdah.cli;

import static com.tngtech.archunit.lang.conditions.ArchConditions.notBePublic;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.howdah.Archive;
import io.howdah.Batch;
import io.howdah.DeadLetters;
import io.howdah.Howdah;
import io.howdah.Publisher;
import io.howdah.Queue;
import io.howdah.Stream;
import io.howdah.Subscription;
import io.howdah.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the house has agreed on and the compiler cannot see. */
class HouseRulesTest {

  private static final JavaClasses CLASSES = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.howdah");
  private static final Set<Class<?>> HANDLES = Set.of(Howdah.class, Queue.class, Stream.class, Subscription.class,
      Publisher.class, Worker.class, Batch.class, DeadLetters.class, Archive.class);
  private static final Path ROOT = Path.of(System.getProperty("howdah.root"));
  private static final int LONGEST_FILE = 300;

  @Test
  void packagesHaveNoCircles() {
    slices().matching("io.howdah.(*)..").should().beFreeOfCycles().check(CLASSES);
    slices().matching("io.howdah.internal.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void internalsNameNoHandle() {
    noClasses().that().resideInAPackage("io.howdah.internal..").should()
        .dependOnClassesThat(
            DescribedPredicate.describe("are handles", each -> HANDLES.stream().anyMatch(each::isEquivalentTo)))
        .check(CLASSES);
  }

  @Test
  void guestsUseOnlyThePublicPackage() {
    noClasses().that().resideOutsideOfPackages("io.howdah", "io.howdah.internal..").should().dependOnClassesThat()
        .resideInAPackage("io.howdah.internal..").check(CLASSES);
  }

  @Test
  void theClientAndTheGroundKnowNoGuest() {
    noClasses().that().resideInAnyPackage("io.howdah", "io.howdah.internal..", "io.howdah.schema", "io.howdah.embedded")
        .should().dependOnClassesThat()
        .resideInAnyPackage("io.howdah.cli..", "io.howdah.testkit..", "io.howdah.examples..", "io.howdah.benchmarks..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineAndTheExamplesHaveAMain() {
    methods().that().haveName("main").and().areStatic().should().beDeclaredInClassesThat()
        .resideInAnyPackage("io.howdah.cli", "io.howdah.examples", "io.howdah.benchmarks").check(CLASSES);
    classes().that().resideInAPackage("io.howdah.cli").and().areTopLevelClasses().and()
        .doNotHaveFullyQualifiedName(Main.class.getName()).should(notBePublic()).check(CLASSES);
  }

  @Test
  void classesAreFinalAndNamedForWhatTheyDo() {
    classes().that(DescribedPredicate.describe("are concrete and not closed otherwise", HouseRulesTest::couldBeFinal))
        .should().haveModifier(JavaModifier.FINAL).check(CLASSES);
    noClasses().should().haveSimpleNameEndingWith("Utils").orShould().haveSimpleNameEndingWith("Util").orShould()
        .haveSimpleNameEndingWith("Manager").orShould().haveSimpleNameEndingWith("Helper").orShould()
        .haveSimpleNameEndingWith("Impl").orShould().haveSimpleNameStartingWith("Base").orShould()
        .haveSimpleNameStartingWith("Abstract").check(CLASSES);
  }

  private static boolean couldBeFinal(JavaClass each) {
    return !each.isInterface() && !each.isEnum() && !each.isAnonymousClass()
        && !each.getModifiers().contains(JavaModifier.ABSTRACT) && each.getSubclasses().isEmpty();
  }

  @Test
  void librariesDoNotPrint() {
    noClasses().that().resideOutsideOfPackages("io.howdah.cli", "io.howdah.examples", "io.howdah.benchmarks").should()
        .accessField(System.class, "out").orShould().accessField(System.class, "err").check(CLASSES);
  }

  @Test
  void javaNamesFunctionsAndNoTables() throws IOException {
    Pattern table = Pattern.compile("\\b(from|join|into|update|table|only)\\s+howdah\\.[a-z_]+\\b(?!\\s*\\()");
    for (String module : List.of("core", "cli", "examples")) {
      for (Path file : sources(module)) {
        assertThat(table.matcher(Files.readString(file)).results().map(found -> found.group()).toList())
            .as("tables named in %s", file).isEmpty();
      }
    }
  }

  @Test
  void filesAreShortEnoughToRead() throws IOException {
    for (String module : List.of("schema", "embedded", "core", "testkit", "examples", "benchmarks", "cli")) {
      for (Path file : sources(module)) {
        assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(LONGEST_FILE);
      }
    }
  }

  private static List<Path> sources(String module) throws IOException {
    try (var files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
      List<Path> found = files.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(found).as("sources of %s", module).isNotEmpty();
      return found;
    }
  }
}
