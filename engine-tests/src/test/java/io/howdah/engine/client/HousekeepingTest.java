package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class HousekeepingTest {

  private static final HowdahOptions OFTEN = HowdahOptions.defaults().withMaintenanceInterval(Duration.ofMillis(10));
  private static final HowdahOptions NEVER = HowdahOptions.defaults().withMaintenanceInterval(Duration.ZERO);

  private final TestDatabase database = TestServer.shared().createDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  private DataSource named(String name) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url());
    source.setApplicationName(name);
    return source;
  }

  private void whoKeepsHouseIsWrittenDown() {
    database.query("create table public.kept (who text)");
    database.sabotage("housekeep", "perform howdah.require_read_committed('housekeep');",
        "insert into public.kept values (current_setting('application_name'));");
  }

  private void aRound() {
    database.query("insert into howdah.sleeper select 1, gen_random_uuid(), now() - interval '1 min'");
    Eventually.is("what is over has gone", () -> database.number("select count(*) from howdah.sleeper") == 0);
  }

  @Test
  void aPlainClientMovesWhatIsDueAndGivesSpaceBack() {
    try (Howdah howdah = Howdah.open(database.dataSource(), OFTEN)) {
      var queue = howdah.queue("plain").create();
      howdah.configuration().set("segment_size", "1 MB");
      queue.publish(Message.of(new Json("1")).withDelay(Duration.ofMillis(50)));
      Eventually.is("it is in the log", () -> queue.stats().ready() == 1);
      queue.claim(1, Duration.ofSeconds(30)).done();
      Json large = new Json("\"" + "x".repeat(100_000) + "\"");
      queue.publishAll(java.util.Collections.nCopies(20, large));
      queue.claim(100, Duration.ofSeconds(30)).done();
      Eventually.is("the first segment has been emptied",
          () -> database.number("select min(no) from howdah.segment") > 1);
    }
  }

  @Test
  void aClientWithIntervalZeroLeavesItToOthers() {
    whoKeepsHouseIsWrittenDown();
    try (Howdah off = Howdah.open(named("off"), NEVER); Howdah on = Howdah.open(named("on"), OFTEN)) {
      assertThat(off.stats()).isEqualTo(on.stats());
      Eventually.is("one has kept house", () -> database.number("select count(*) from public.kept") > 20);
    }
    assertThat(database.texts("select distinct who from public.kept")).containsExactly("on");
  }

  @Test
  void severalClientsDoNotStandInEachOthersWay() {
    try (Logged logged = Logged.by("io.howdah.internal.segment.Housekeeper");
        Howdah a = Howdah.open(database.dataSource(), OFTEN);
        Howdah b = Howdah.open(database.dataSource(), OFTEN);
        Howdah c = Howdah.open(database.dataSource(), OFTEN)) {
      a.configuration().set("segment_size", "1 MB");
      var queue = b.queue("busy").create();
      Json large = new Json("\"" + "x".repeat(100_000) + "\"");
      try (var worker = c.queue("busy").consume(delivery -> io.howdah.Outcome.done())) {
        for (int i = 1; i <= 10; i++) {
          queue.publishAll(java.util.Collections.nCopies(20, large));
          long done = i * 20L;
          Eventually.is("all is done", () -> worker.stats().done() == done);
        }
        Eventually.is("segments have been emptied", () -> database.number("select min(no) from howdah.segment") > 2);
      }
      assertThat(logged.about("housekeeping")).isEmpty();
    }
  }

  @Test
  void anOutageIsToldOnceAndSoIsItsEnd() {
    try (Logged logged = Logged.by("io.howdah.internal.segment.Housekeeper");
        FaultProxy proxy = FaultProxy.to(database);
        Howdah howdah = Howdah.open(proxy.dataSource(), OFTEN.withListen(false))) {
      aRound();
      proxy.refuse();
      proxy.cut();
      Eventually.is("it has been told", () -> logged.count() == 1);
      long later = System.nanoTime() + Duration.ofMillis(300).toNanos();
      Eventually.is("there were more attempts", () -> System.nanoTime() > later);
      proxy.resume();
      aRound();
      aRound();
      assertThat(howdah.stats()).isEmpty();
      List<String> told = logged.about("housekeeping");
      assertThat(told).hasSize(2);
      assertThat(told.get(0)).startsWith("WARN housekeeping failed and is tried again every 10 ms");
      assertThat(told.get(1)).isEqualTo("INFO housekeeping goes on");
    }
  }

  @Test
  void aRoleThatMayNotLeavesItToOthersWithoutAWarning() {
    database.query("create role guest login password 'guest'; grant usage on schema howdah to guest;"
        + "grant execute on function howdah.schema_version() to guest");
    try (Logged logged = Logged.by("io.howdah.internal.segment.Housekeeper")) {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setUrl(database.url());
      source.setUser("guest");
      source.setPassword("guest");
      try (Howdah howdah = Howdah.open(source, OFTEN)) {
        assertThat(howdah.recurring()).isNotNull();
        Eventually.is("it has said so", () -> logged.count() == 1);
      }
      assertThat(logged.about("housekeeping")).singleElement().asString()
          .startsWith("INFO this process does no housekeeping, because its role may not");
    } finally {
      database.query("drop owned by guest; drop role guest");
    }
  }
}
