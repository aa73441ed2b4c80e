package io.howdah.engine.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.howdah.Configuration;
import io.howdah.ErrorCode;
import io.howdah.FleetSetting;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@HowdahTest
class FleetSettingsTest {
  private final TestDatabase database;
  private final Session a;

  FleetSettingsTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
  }

  @AfterEach
  void reset() {
    database.query("select howdah.configure(name, null) from howdah.configuration()");
  }

  private String value(String name) {
    return database.text("select value from howdah.configuration() where name = ?", name);
  }

  @Test
  void allAreListedWithTheirDefaults() {
    assertThat(database.texts("select name || ' ' || value from howdah.configuration()")).containsExactly(
        "max_payload 1024 kB", "once_window 00:05:00", "segment_age 00:00:10", "segment_size 64 MB",
        "stream_retention 7 days");
    assertThat(database.number("select count(*) from howdah.configuration() where configured")).isZero();
  }

  @Test
  void oneThatIsSetHoldsForWhatComesLaterAndWhatIsThereStays() {
    a.execute("select howdah.create_queue('before')");
    a.execute("select howdah.configure('max_payload', '2 kB'), howdah.configure('once_window', '1 hour'), "
        + "howdah.configure('stream_retention', '36 hours')");
    a.execute(
        "select howdah.create_queue('after'), howdah.create_stream('kept'), howdah.create_stream('given', '1 h')");

    assertThat(database.texts("select name || ' ' || max_payload || ' ' || once_window from howdah.stream "
        + "where name in ('before', 'after') order by name"))
        .containsExactly("after 2048 01:00:00", "before 1048576 00:05:00");
    assertThat(
        database.texts("select name || ' ' || retention from howdah.stream where name in ('kept', 'given') order by 1"))
        .containsExactly("given 01:00:00", "kept 36:00:00");
    a.execute("select howdah.publish('before', to_json(repeat('x', 3000)))");
    Refusal.expect("22023", a, "select howdah.publish('after', to_json(repeat('x', 3000)))");
  }

  /** In a database of its own: another stream's retention would make segments last longer. */
  @Test
  void segmentsAreAsLargeAndAsOldAsIsConfigured() {
    try (TestDatabase own = TestServer.shared().createDatabase()) {
      own.query("select howdah.create_queue('q'), howdah.configure('segment_age', '1 hour')");
      fill(own);
      assertThat(housekept(own)).doesNotContain("advanced");
      own.query("select howdah.configure('segment_size', '1 MB')");
      assertThat(housekept(own)).contains("advanced");

      fill(own);
      own.query("select howdah.configure('segment_size', null)");
      own.clock().advance(Duration.ofMinutes(10));
      assertThat(housekept(own)).doesNotContain("advanced");
      own.query("select howdah.configure('segment_age', '1 min')");
      assertThat(housekept(own)).contains("advanced");
    }
  }

  private static void fill(TestDatabase own) {
    own.query("select howdah.publish_many('q', array(select to_json(repeat(n::text, 100))::text "
        + "from generate_series(1000, 4999) n))");
  }

  private static List<String> housekept(TestDatabase own) {
    return own.texts("select action from howdah.housekeep()");
  }

  @Test
  void aRolledBackSettingNeverHeld() {
    a.begin();
    a.execute("select howdah.configure('segment_size', '1 MB')");
    assertThat(value("segment_size")).isEqualTo("64 MB");
    a.rollback();
    assertThat(value("segment_size")).isEqualTo("64 MB");
  }

  @ParameterizedTest
  @CsvSource({"segment_size, 256MB, 256 MB", "segment_size, 1048577, 1048577 bytes", "segment_size, 1 GB, 1024 MB",
      "once_window, 90 s, 00:01:30", "once_window, PT1H, 01:00:00", "stream_retention, 0, 00:00:00"})
  void whatIsKeptIsReturned(String name, String given, String kept) {
    assertThat(a.execute("select howdah.configure(?, ?)", name, given).text()).isEqualTo(kept);
    assertThat(value(name)).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource({"segment_size, 0", "segment_size, -64 MB", "segment_size, 2 TB", "segment_size, 99999999999999999999 TB",
      "segment_size, large", "segment_size, ''", "segment_size, 1 h", "segment_age, 0", "segment_age, -1 s",
      "segment_age, infinity", "segment_age, soon", "segment_age, 64 MB", "once_window, 31 days",
      "max_payload, 257 MB"})
  void whatCannotBeIsRefusedAndChangesNothing(String name, String bad) {
    String before = value(name);
    Refusal.expect("22023", a, "select howdah.configure(?, ?)", name, bad);
    assertThat(value(name)).isEqualTo(before);
  }

  @Test
  void whatIsNoSettingIsRefused() {
    Refusal.expect("22023", a, "select howdah.configure('segment_sise', '1 MB')");
    Refusal.expect("22023", a, "select howdah.configure(null, '1 MB')");
    Refusal.expect("22023", a, "select howdah.configure('', null)");
    Refusal.expect("22023", a, "select howdah.configure('Segment_Size', '1 MB')");
  }

  @Test
  void javaListsSetsAndResetsThem() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Configuration configuration = howdah.configuration();
      assertThat(configuration.set("segment_size", "128MB")).isEqualTo("128 MB");
      assertThat(configuration.list()).filteredOn(each -> each.name().equals("segment_size"))
          .extracting(FleetSetting::value, FleetSetting::standard, FleetSetting::configured)
          .containsExactly(tuple("128 MB", "64 MB", true));
      assertThat(configuration.reset("segment_size")).isEqualTo("64 MB");
      assertThat(configuration.list()).noneMatch(FleetSetting::configured);
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> configuration.set("segments", "8"))
          .withMessageContaining("there is no setting \"segments\"; Settings are max_payload")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }
  }
}
