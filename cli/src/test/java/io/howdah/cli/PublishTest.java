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
        from howdah.peek('tagged', 10)""")).containsExactly("order.placed|k1|shop|de|{\"a\": 1}",
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

  @Test
  void eachMessageCanHaveTheKeyTheTopicAndTheDeduplicationKeyThatItsPayloadSays() throws Exception {
    String lines = "{\"customer\": {\"id\": 7}, \"type\": \"order.new\", \"no\": \"a\"}\n"
        + "{\"customer\": {\"id\": \"7b\"}, \"type\": \"order.paid\", \"no\": \"b\"}\n"
        + "{\"customer\": {\"id\": 1.50}, \"type\": \"order.new\", \"no\": \"a\"}\n";
    Result result = publishLines(lines, "by-field", "--key-field", "customer.id", "--topic-field", "type",
        "--once-field", "no", "--within", "1h");
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.err()).contains("1 of them were there already");
    assertThat(publishLines("{\"k\": 1.50}", "by-field", "--key-field", "k", "--topic", "a").status()).isZero();
    assertThat(database.texts("select key || ' ' || topic from howdah.peek('by-field')")).containsExactly("7 order.new",
        "7b order.paid", "1.50 a");
  }

  @Test
  void aLineWithoutSuchAFieldIsABadLine() throws Exception {
    for (String bad : new String[]{"{}", "{\"k\": null}", "{\"k\": {}}", "5", "{\"k\": \"a\\nb\"}"}) {
      Result result = publishLines("{\"k\": \"good\"}\n" + bad, "no-field", "--key-field", "k");
      assertThat(result.status()).as(bad).isEqualTo(2);
      assertThat(result.err()).as(bad).contains("line 2 is not a message", "nothing was published");
    }
    Result skipped = publishLines("{\"k\": 1}\n{}\n", "no-field", "--key-field", "k", "--skip-bad");
    assertThat(skipped.status()).isZero();
    assertThat(skipped.err()).contains("skipped: line 2", "\"k\"");
    assertRefused("key", publishLines("{}", "no-field", "--key-field", "k", "--key", "x"));
    assertRefused("deduplication key", publishLines("{}", "no-field", "--once-field", "k", "--once", "x"));
  }

  @Test
  void theWholeInputCanBeOneMessageOfBytes() throws Exception {
    Path file = Files.write(folder.resolve("picture"), new byte[]{0, -1, '\n', '{'});
    Result result = publish("pictures", "--content-type", "image/png", "--file", file.toString(), "--key", "k",
        "--once", "one");
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.err()).contains("published 1 messages");
    assertThat(publish("pictures", "--content-type", "image/png", "--file", file.toString(), "--once", "one").err())
        .contains("was there already");
    assertThat(
        database.texts("select concat_ws(' ', encode(body, 'hex'), content_type, key) from howdah.peek('pictures')"))
        .containsExactly("00ff0a7b image/png k");
    assertRefused("png", publish("pictures", "--content-type", "png", "--file", file.toString()));
    assertRefused("not lines", publish("pictures", "--content-type", "a/b", "--key-field", "k"));
    assertThat(publish("none", "--no-create", "--content-type", "a/b", "--file", file.toString()).status())
        .isEqualTo(3);
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
