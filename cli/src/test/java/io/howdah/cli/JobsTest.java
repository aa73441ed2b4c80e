package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class JobsTest {

  @Test
  void jobsAreCreatedListedShownAndTakenBack(TestDatabase database) {
    String db = database.url();
    String id = run(0, "job", "create", "app", "customer 42", "send", "{\"n\": 1}", "--timeout", "5s", "--db", db).out()
        .strip();
    String later = run(0, "job", "create", "app", "disk", "clean", "--at", "2030-01-01T00:00:00Z", "--db", db).out()
        .strip();

    assertThat(run(0, "job", "list", "app", "--db", db).out()).contains(id, "customer 42", "available", later,
        "scheduled");
    Result page = run(0, "job", "list", "app", "--limit", "1", "--db", db);
    assertThat(page.out()).contains(id).doesNotContain(later);
    assertThat(page.err()).contains("1 of 2 jobs");
    assertThat(run(0, "job", "list", "app", "--state", "scheduled", "--json", "--db", db).out())
        .contains(later, "\"action\":\"clean\"").doesNotContain(id);
    assertThat(run(0, "job", "show", "app", id, "--db", db).out()).contains("\"timeout\":\"5s\"",
        "\"max_attempts\":20");
    run(0, "job", "retry", "app", later, "--db", db);
    run(0, "job", "cancel", "app", id, "--db", db);
    assertThat(run(3, "job", "cancel", "app", id, "--db", db).err()).contains(id);
    assertThat(run(4, "job", "skip", "app", later, "--db", db).err()).contains("is available", "cannot be skipped");
    assertThat(run(3, "job", "list", "nowhere", "--db", db).err()).contains("nowhere");
    assertThat(run(2, "job", "list", "app", "--state", "asleep", "--db", db).err()).contains("asleep");
    assertThat(run(2, "job", "create", "app", "q", "", "--max-attempts", "0", "--db", db).err()).contains("action must",
        "max_attempts must");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
