package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class ConfigTest {

  @Test
  void knobsAreShownWithTheirValuesAndOrigins() {
    System.setProperty("howdah.lease", "45s");
    try {
      assertThat(run(0, "config").lines())
          .anyMatch(line -> line.matches("lease +45s +property howdah\\.lease +how long.*"))
          .anyMatch(line -> line.matches("pollInterval +5s +default +how long.*"));
      assertThat(run(0, "config", "--json").lines()).anyMatch(line -> line
          .startsWith("{\"knob\":\"lease\",\"value\":\"45s\",\"origin\":\"property howdah.lease\",\"meaning\":"));
    } finally {
      System.clearProperty("howdah.lease");
    }
  }

  @Test
  void whatIsNoKnobIsRefusedByEveryCommand() {
    System.setProperty("howdah.leese", "45s");
    try {
      assertThat(run(2, "config").err()).startsWith("howdah: system property howdah.leese is no knob");
      assertThat(run(2, "queue", "list").err()).contains("howdah.leese");
      assertThat(run(0, "config", "--help").out()).contains("HOWDAH_POLL_INTERVAL");
    } finally {
      System.clearProperty("howdah.leese");
    }
  }

  @Test
  void aSettingOfTheFleetIsSetShownAndReset(TestDatabase database) {
    String db = database.url();
    assertThat(run(0, "config", "set", "segment_size", "128MB", "--db", db).lines()).containsExactly("128 MB");
    assertThat(run(0, "config", "--fleet", "--db", db).lines())
        .anyMatch(line -> line.matches("segment_size +128 MB +configured +64 MB +.*"));
    assertThat(run(0, "config", "--fleet", "--json", "--db", db).lines()).anyMatch(line -> line.startsWith(
        "{\"setting\":\"segment_size\",\"value\":\"128 MB\",\"origin\":\"configured\",\"default\":\"64 MB\",\"meaning\":"));
    assertThat(run(0, "config", "reset", "segment_size", "--db", db).lines()).containsExactly("64 MB");
  }

  @Test
  void whatCannotBeSetIsRefused(TestDatabase database) {
    String db = database.url();
    assertThat(run(2, "config", "set", "segment_sise", "1MB", "--db", db).err()).contains("segment_sise",
        "segment_size");
    assertThat(run(2, "config", "set", "segment_size", "2TB", "--db", db).err())
        .contains("from 1 MB to 1 TB but was 2TB");
    assertThat(run(2, "config", "set", "lease", "45s", "--db", db).err()).contains("HOWDAH_LEASE");
    assertThat(run(2, "config", "reset", "lease", "--db", db).err()).contains("knob of each process");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
