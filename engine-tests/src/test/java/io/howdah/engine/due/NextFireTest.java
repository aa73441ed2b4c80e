package io.howdah.engine.due;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NextFireTest {
  private final Session a;

  NextFireTest(TestDatabase database) {
    this.a = database.session("a");
  }

  private String next(String cron, String zone, String after) {
    return a.execute("""
        select to_char(howdah.next_fire(?, ?, ?::timestamptz) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
        cron, zone, after).text();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"* * * * *          | 2026-01-01T00:00:00Z      | 2026-01-01T00:01:00Z",
      "*/15 * * * *       | 2026-01-01T00:14:59.999Z  | 2026-01-01T00:15:00Z",
      "10/20 * * * *      | 2026-01-01T00:31:00Z      | 2026-01-01T00:50:00Z",
      "5-20/5 8-10 * * *  | 2026-01-01T08:20:00Z      | 2026-01-01T09:05:00Z",
      "0 0 29 2 *         | 2026-01-01T00:00:00Z      | 2028-02-29T00:00:00Z",
      "0 0 29 2 *         | 2096-03-01T00:00:00Z      | 2104-02-29T00:00:00Z",
      "0 0 31 * *         | 2026-01-31T00:00:00Z      | 2026-03-31T00:00:00Z",
      "59 23 31 12 *      | 2026-12-31T23:59:00Z      | 2027-12-31T23:59:00Z",
      "30 2 * * mon-fri   | 2026-01-02T02:30:00Z      | 2026-01-05T02:30:00Z",
      "0 12 13 * 5        | 2026-01-01T00:00:00Z      | 2026-01-02T12:00:00Z",
      "0 12 13 * 5        | 2026-01-09T12:00:00Z      | 2026-01-13T12:00:00Z",
      "0 12 */2 * 5       | 2026-01-01T00:00:00Z      | 2026-01-09T12:00:00Z",
      "0 9 1 jan,JUL *    | 2026-02-01T00:00:00Z      | 2026-07-01T09:00:00Z",
      "0 0 * * 7          | 2026-01-01T00:00:00Z      | 2026-01-04T00:00:00Z",
      "0 0 * * SUN        | 2026-01-04T00:00:00Z      | 2026-01-11T00:00:00Z",
      "@hourly            | 2026-01-01T00:00:00Z      | 2026-01-01T01:00:00Z",
      "@daily             | 2026-01-01T00:00:01Z      | 2026-01-02T00:00:00Z",
      "@weekly            | 2026-01-01T00:00:00Z      | 2026-01-04T00:00:00Z",
      "@monthly           | 2026-01-01T00:00:00Z      | 2026-02-01T00:00:00Z",
      "@Yearly            | 2026-01-01T00:00:00Z      | 2027-01-01T00:00:00Z"})
  void inUtc(String cron, String after, String next) {
    assertThat(next(cron, "UTC", after)).isEqualTo(next);
  }

  /** On 29 March 2026 the clock jumps from 2:00 to 3:00, at 1:00 UTC; on 25 October from 3:00 back to 2:00. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "a time that does not exist comes as much later   | 30 2 * * *   | 2026-03-28T12:00:00Z | 2026-03-29T01:30:00Z",
      "and the next day as usual                        | 30 2 * * *   | 2026-03-29T01:30:00Z | 2026-03-30T00:30:00Z",
      "two times that become one come once              | 30 2,3 * * * | 2026-03-29T01:30:00Z | 2026-03-30T00:30:00Z",
      "the first time after the gap                     | 0 3 * * *    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
      "real hours have no gap                           | 30 * * * *   | 2026-03-29T00:30:00Z | 2026-03-29T01:30:00Z",
      "nor have half hours                              | */30 * * * * | 2026-03-29T00:30:00Z | 2026-03-29T01:00:00Z",
      "every second hour leaves out what does not exist | 0 */2 * * *  | 2026-03-28T23:00:00Z | 2026-03-29T02:00:00Z",
      "a time that exists twice comes the first time    | 30 2 * * *   | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z",
      "and only then                                    | 30 2 * * *   | 2026-10-25T00:30:00Z | 2026-10-26T01:30:00Z",
      "real hours count twice                           | 30 * * * *   | 2026-10-25T00:30:00Z | 2026-10-25T01:30:00Z",
      "half hours turn back                             | */30 * * * * | 2026-10-25T00:30:00Z | 2026-10-25T01:00:00Z",
      "and go on                                        | */30 * * * * | 2026-10-25T01:00:00Z | 2026-10-25T01:30:00Z",
      "until the hour is over for good                  | */30 * * * * | 2026-10-25T01:30:00Z | 2026-10-25T02:00:00Z",
      "in winter                                        | 0 8 * * *    | 2026-01-01T08:00:00Z | 2026-01-02T07:00:00Z",
      "in summer                                        | 0 8 * * *    | 2026-07-01T07:00:00Z | 2026-07-02T06:00:00Z"})
  void inBerlin(String what, String cron, String after, String next) {
    assertThat(next(cron, "Europe/Berlin", after)).as(what).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "America/New_York    | 30 2 * * *    | 2026-03-07T12:00:00Z | 2026-03-08T07:30:00Z",
      "America/New_York    | 30 1 * * *    | 2026-10-31T12:00:00Z | 2026-11-01T05:30:00Z",
      "America/New_York    | 30 1 * * *    | 2026-11-01T05:30:00Z | 2026-11-02T06:30:00Z",
      "America/New_York    | 15 * * * *    | 2026-11-01T05:15:00Z | 2026-11-01T06:15:00Z",
      "America/New_York    | 15 * * * *    | 2026-11-01T06:15:00Z | 2026-11-01T07:15:00Z",
      "Asia/Kathmandu      | 0 0 * * *     | 2026-01-01T00:00:00Z | 2026-01-01T18:15:00Z",
      "Australia/Lord_Howe | 45 1 * * *    | 2026-04-04T00:00:00Z | 2026-04-04T14:45:00Z",
      "Australia/Lord_Howe | 45 1 * * *    | 2026-04-04T14:45:00Z | 2026-04-05T15:15:00Z",
      "Australia/Lord_Howe | */15 * * * *  | 2026-04-04T14:45:00Z | 2026-04-04T15:00:00Z",
      "Australia/Lord_Howe | 15 2 * * *    | 2026-10-03T00:00:00Z | 2026-10-03T15:45:00Z"})
  void inOtherZones(String zone, String cron, String after, String next) {
    assertThat(next(cron, zone, after)).isEqualTo(next);
  }

  /** A year of every kind of expression, each time found from the one before: none twice, none backwards. */
  @ParameterizedTest
  @ValueSource(strings = {"17 1-3 * * *", "*/20 0-4/2 * * *", "0 */3 * * *"})
  void timesOnlyGoForward(String cron) {
    for (String around : List.of("2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z")) {
      List<String> times = new ArrayList<>(List.of(around));
      for (int i = 0; i < 25; i++) {
        times.add(next(cron, "Europe/Berlin", times.getLast()));
      }
      assertThat(times).doesNotHaveDuplicates().isSorted();
    }
  }

  @Test
  void itDoesNotDependOnTheSession() {
    a.execute("set timezone = 'Asia/Tokyo'");
    assertThat(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z")).isEqualTo("2026-03-29T01:30:00Z");
    a.execute("reset timezone");
  }

  @Test
  void aDayThatNeverComesIsNull() {
    assertThat(next("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z")).isEqualTo("null");
    assertThat(next("* * * * *", "UTC", "infinity")).isEqualTo("null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *",
      "* * * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1,,2 * * * *", "*-5 * * * *", "-1 * * * *", "", "@never",
      "* * * mon *", "99999999999 * * * *", "0 0 * * fri-mon"})
  void whatIsNoCronExpressionIsRefused(String cron) {
    Refusal.expect("22023", a, "select howdah.next_fire(?)", cron);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Mars/Olympus", "+02:00", "", "CEST", "Europe/Berlin; drop", "UTC+3"})
  void whatIsNoTimeZoneIsRefused(String zone) {
    Refusal.expect("22023", a, "select howdah.next_fire('* * * * *', ?)", zone);
  }
}
