package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class QueueOperationsTest {

  @Test
  void aQueueIsPausedResumedPurgedAndAskedForItsState(TestDatabase database) {
    String db = database.url();
    run(0, "queue", "create", "q", "--db", db);
    assertThat(run(0, "queue", "state", "q", "--db", db).lines()).containsExactly("empty");
    database.query("select howdah.publish('q', '1', topic => 'a.b'), howdah.publish('q', '2', delay => '1 h')");
    assertThat(run(0, "queue", "state", "q", "--json", "--db", db).out()).isEqualTo("{\"state\":\"ready\"}\n");
    run(0, "queue", "pause", "q", "--db", db);
    assertThat(run(0, "queue", "describe", "q", "--json", "--db", db).out()).contains("\"paused\":true");
    assertThat(database.number("select count(*) from howdah.claim('q', 1)")).isZero();
    run(0, "queue", "resume", "q", "--db", db);
    run(0, "queue", "wake", "q", "--db", db);
    assertThat(run(0, "queue", "purge", "q", "--topic", "a.*", "--dry-run", "--db", db).lines()).containsExactly("1");
    assertThat(run(0, "queue", "purge", "q", "--topic", "a.*", "--db", db).lines()).containsExactly("1");
    assertThat(run(0, "queue", "state", "q", "--db", db).out()).startsWith("later 2");
    assertThat(run(0, "queue", "purge", "q", "--db", db).lines()).containsExactly("1");
    assertThat(run(0, "queue", "state", "q", "--db", db).lines()).containsExactly("empty");
  }

  @Test
  void whatCannotBeIsRefused(TestDatabase database) {
    String db = database.url();
    for (String operation : new String[]{"pause", "resume", "wake", "state", "purge"}) {
      assertThat(run(3, "queue", operation, "nobody", "--db", db).err()).contains("nobody");
    }
    assertThat(run(2, "queue", "purge", "q", "--topic", "a*", "--db", db).err()).contains("whole words");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
