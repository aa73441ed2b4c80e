package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class ScheduledTest {

  @Test
  void whatWaitsIsListedRescheduledAndCancelled(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('later')");
    String id = database.text("select howdah.publish('later', '{\"n\":1}', due => '2030-01-01T00:00:00Z', key => 'k')");

    assertThat(run(0, "scheduled", "list", "later", "--db", db).out()).contains(id, "2030-01-01T00:00:00Z", "due");
    assertThat(run(0, "scheduled", "list", "later", "--json", "--db", db).out()).contains("\"key\":\"k\"",
        "\"payload\":\"{\\\"n\\\":1}\"");
    run(0, "scheduled", "reschedule", "later", id, "--at", "2031-06-01T08:00:00+02:00", "--db", db);
    assertThat(run(0, "scheduled", "list", "later", "--db", db).out()).contains("2031-06-01T06:00:00Z");
    run(0, "scheduled", "reschedule", "later", id, "--in", "0s", "--db", db);
    assertThat(database.number("select howdah.promote()")).isEqualTo(1);

    String other = database.text("select howdah.publish('later', '2', delay => '1 h')");
    run(0, "scheduled", "cancel", "later", other, "--db", db);
    assertThat(run(0, "scheduled", "list", "later", "--db", db).out()).isEmpty();
    assertThat(run(3, "scheduled", "cancel", "later", other, "--db", db).err()).contains(other);
    assertThat(run(3, "scheduled", "list", "nowhere", "--db", db).err()).contains("nowhere");
    assertThat(run(2, "scheduled", "reschedule", "later", other, "--db", db).err()).contains("--at", "--in");
    assertThat(run(2, "scheduled", "reschedule", "later", other, "--at", "noon", "--db", db).err()).contains("noon");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
