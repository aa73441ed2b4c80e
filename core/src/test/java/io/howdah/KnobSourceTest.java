package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnobSourceTest {

  private static KnobSource source(Map<String, String> properties, Map<String, String> environment) {
    Properties all = new Properties();
    all.putAll(properties);
    return new KnobSource(all, environment);
  }

  private static void isRefused(KnobSource source, String... because) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(source::check).withMessageContainingAll(because)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
  }

  @Test
  void aPropertyWinsOverTheEnvironmentAndThatOverTheDefault() {
    KnobSource both = source(Map.of("howdah.pollInterval", "2s"), Map.of("HOWDAH_POLL_INTERVAL", "3s"));
    KnobSource environment = source(Map.of(), Map.of("HOWDAH_POLL_INTERVAL", " 3s "));
    KnobSource neither = source(Map.of(), Map.of());

    assertThat(both.value(Knob.POLL_INTERVAL)).isEqualTo(Duration.ofSeconds(2));
    assertThat(both.setting(Knob.POLL_INTERVAL).origin()).isEqualTo("property howdah.pollInterval");
    assertThat(environment.value(Knob.POLL_INTERVAL)).isEqualTo(Duration.ofSeconds(3));
    assertThat(environment.setting(Knob.POLL_INTERVAL).origin()).isEqualTo("environment HOWDAH_POLL_INTERVAL");
    assertThat(neither.value(Knob.POLL_INTERVAL)).isEqualTo(Duration.ofSeconds(5));
    assertThat(neither.setting(Knob.POLL_INTERVAL).origin()).isEqualTo("default");
  }

  @Test
  void everyDefaultIsAValueThatMayBe() {
    source(Map.of(), Map.of()).check();
  }

  @Test
  void whatIsNoKnobIsRefusedAllAtOnceAndWhatIsMeantIsNamed() {
    isRefused(source(Map.of("howdah.poll-interval", "1s"), Map.of("HOWDAH_LEESE", "1s", "HOWDAHLEASE", "1s")),
        "system property howdah.poll-interval is no knob, howdah.pollInterval is",
        "environment variable HOWDAH_LEESE is no knob; howdah config lists all knobs", "HOWDAH_OTHER_NAMES");
    isRefused(source(Map.of(), Map.of("HOWDAH_POLLINTERVAL", "1s")), "is no knob, HOWDAH_POLL_INTERVAL is");
  }

  @Test
  void whatTheHouseholdAndKubernetesSetIsNoMistake() {
    source(Map.of("howdah.terminals", "12", "howdah.log.level", "DEBUG"),
        Map.of("HOWDAH_DB", "x", "HOWDAH_JAVA_OPTS", "", "HOWDAH_SERVICE_HOST", "10.0.0.1", "HOWDAH_PORT",
            "tcp://10.0.0.1:80", "HOWDAH_PORT_5432_TCP_ADDR", "10.0.0.1", "HOWDAH_DB_SERVICE_PORT_SQL", "5432",
            "HOWDAH_DB_PORT_5432_TCP", "x"))
        .check();
    isRefused(source(Map.of(), Map.of("HOWDAH_SERVICES", "x")), "HOWDAH_SERVICES");
  }

  @Test
  void somebodyElsesNamesAreLeftAloneWhenTheyAreNamed() {
    Map<String, String> theirs = Map.of("HOWDAH_RIDES", "3", "HOWDAH_ZOO_KEEPER", "x", "HOWDAH_OTHER_NAMES",
        "HOWDAH_RIDES, HOWDAH_ZOO*");
    source(Map.of(), theirs).check();
    isRefused(source(Map.of("howdah.rides", "3"), theirs), "howdah.rides");
  }

  @Test
  void aValueThatCannotBeIsRefusedWithItsOrigin() {
    isRefused(source(Map.of(), Map.of("HOWDAH_LEASE", "1000")),
        "environment HOWDAH_LEASE must be a duration from 1s to 1h, for example 30s but was \"1000\"");
    isRefused(source(Map.of(), Map.of("HOWDAH_LEASE", "2h")), "but was \"2h\"");
    isRefused(source(Map.of("howdah.concurrency", "0"), Map.of()),
        "property howdah.concurrency must be a whole number from 1 to 10000 but was \"0\"");
    isRefused(source(Map.of("howdah.concurrency", "99999999999999999999"), Map.of()), "howdah.concurrency");
    isRefused(source(Map.of("howdah.listen", "yes"), Map.of()), "true or false but was \"yes\"");
  }

  @Test
  void maintenanceIsSwitchedOffByZero() {
    assertThat(source(Map.of(), Map.of("HOWDAH_MAINTENANCE_INTERVAL", "0")).value(Knob.MAINTENANCE_INTERVAL))
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void namesAreSeparatedByCommas() {
    assertThat(source(Map.of(), Map.of("HOWDAH_WORKERS_DISABLED", "a, b,,")).value(Knob.WORKERS_DISABLED))
        .isEqualTo(Set.of("a", "b"));
  }

  @Test
  void optionsTakeTheirDefaultsFromKnobsAndAProgramWinsOverThem() {
    System.setProperty("howdah.lease", "7s");
    System.setProperty("howdah.maxBatchSize", "70");
    System.setProperty("howdah.maintenanceInterval", "0");
    try {
      assertThat(WorkerOptions.defaults().lease()).isEqualTo(Duration.ofSeconds(7));
      assertThat(WorkerOptions.defaults().withLease(Duration.ofSeconds(9)).lease()).isEqualTo(Duration.ofSeconds(9));
      assertThat(PublisherOptions.defaults().maxBatchSize()).isEqualTo(70);
      assertThat(HowdahOptions.defaults().maintenanceInterval()).isZero();
    } finally {
      System.clearProperty("howdah.lease");
      System.clearProperty("howdah.maxBatchSize");
      System.clearProperty("howdah.maintenanceInterval");
    }
    assertThat(WorkerOptions.defaults().lease()).isEqualTo(Duration.ofSeconds(30));
  }
}
