package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
@Timeout(300)
class PublishTest {

  private final TestDatabase database;

  @TempDir
  private Path folder;

  PublishTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void everyMessageCarriesTopicKeyAndHeaders() throws Exception {
    Path file = Files.writeString(folder.resolve("lines"), "{\"a\": 1}\n\n{\"a\": 2}");

    Result result = publish("tagged", "--file", file.toString(), "--topic", "order.placed", "--key", "k1", "--header",
        "source=shop", "--header", "lang=de");

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(database.texts("""
        select concat_ws('|', topic, key, headers->>'source', headers->>'lang', payload)
        from howdah.peek('tagged', 10) order by "position" """)).containsExactly("order.placed|k1|shop|de|{\"a\": 1}",
        "order.placed|k1|shop|de|{\"a\": 2}");
  }

  @Test
  void aBadLineIsNamedAndNothingOfItsBatchIsPublished() throws Exception {
    Result result = publishLines("1\n2\n3\n{oops\n5\n", "strict", "--batch", "2");

    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("line 4 is not a message: column 2",
        "what comes before line 3 is published, nothing from there on", "published 2 messages").doesNotContain("\tat ");
    assertThat(published("strict")).isEqualTo(2);
  }

  @Test
  void aBadFirstBatchPublishesNothingAndMakesNoQueue() throws Exception {
    Result result = publishLines("1\noops\n", "untouched");

    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("line 2 is not a message", "nothing was published");
    assertThat(database.number("select count(*) from howdah.stats() where subscription = 'untouched'")).isZero();
  }

  @Test
  void badLinesCanBeSkippedAndAreCounted() throws Exception {
    Result result = publishLines("1\noops\n3\n{\n", "lenient", "--skip-bad");

    assertThat(result.status()).isZero();
    assertThat(result.err()).contains("skipped: line 2", "skipped: line 4", "published 2 messages",
        "2 bad lines skipped");
    assertThat(published("lenient")).isEqualTo(2);
  }

  @Test
  void whatTheServerWouldRefuseIsRefusedBefore() throws Exception {
    assertRefused("name", publish("not a name"));
    assertRefused("topic", publish("q", "--topic", "a..b"));
    assertRefused("key", publish("q", "--key", "k".repeat(256)));
    assertRefused("--batch", publish("q", "--batch", "0"));
    assertRefused("duration", publish("q", "--delay", "soon"));
    assertRefused("delay", publish("q", "--delay", "4000d"));
    assertRefused("nowhere", publish("q", "--file", folder.resolve("nowhere").toString()));
    assertRefused("directory", publish("q", "--file", folder.toString()));
  }

  @Test
  void aMissingQueueIsOnlyMadeIfThatIsWanted() throws Exception {
    Result result = publishLines("1\n", "absent", "--no-create");

    assertThat(result.status()).isEqualTo(3);
    assertThat(result.err()).contains("absent", "does not exist");
  }

  private Result publishLines(String lines, String queue, String... more) throws Exception {
    Path file = Files.writeString(Files.createTempFile(folder, "lines", ""), lines);
    String[] arguments = Arrays.copyOf(more, more.length + 2);
    arguments[more.length] = "--file";
    arguments[more.length + 1] = file.toString();
    return publish(queue, arguments);
  }

  private Result publish(String queue, String... more) throws Exception {
    String[] arguments = new String[more.length + 4];
    System.arraycopy(new String[]{"publish", queue, "--db", database.url()}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return CliProcess.call(arguments);
  }

  private static void assertRefused(String what, Result result) {
    assertThat(result.status()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(what).doesNotContain("\tat ");
  }

  private long published(String queue) {
    return database.number("select published from howdah.stats(?)", queue);
  }
}
