package io.howdah.engine.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Positions: dense, in the order of cause, given once. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SequenceTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  SequenceTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @Test
  void positionsAreDenseWhateverIsRolledBack() {
    for (int i = 1; i <= 5; i++) {
      a.begin().execute("select howdah.publish('q', '0')");
      b.execute("select howdah.publish('q', ?::json)", String.valueOf(i));
      a.rollback();
    }
    assertThat(a.execute("select howdah.sequence('q')").number()).isEqualTo(5);
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.positions()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(claim.payloads()).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void whoCommitsLaterComesLater() {
    a.begin().execute("select howdah.publish('q', '\"early number\"')");
    b.execute("select howdah.publish('q', '\"early commit\"')");
    assertThat(b.execute("select howdah.sequence('q')").number()).isEqualTo(1);
    a.commit();

    assertThat(b.execute("select howdah.sequence('q')").number()).isEqualTo(2);
    assertThat(Claim.of(b, "q", 10).payloads()).containsExactly("\"early commit\"", "\"early number\"");
  }

  @Test
  void nothingNewWritesNothing() {
    a.execute("select howdah.publish('q', '1')");
    a.execute("select howdah.sequence('q')");
    long ticks = a.execute("select count(*) from howdah.tick").number();

    for (int i = 0; i < 3; i++) {
      assertThat(a.execute("select howdah.sequence('q')").number()).isEqualTo(1);
    }
    assertThat(a.execute("select count(*) from howdah.tick").number()).isEqualTo(ticks);
  }

  /** The order of a key: first created, whose transaction has the larger id because the other one was opened earlier. */
  @Test
  void causeComesBeforeEffectAlsoWhenTheEffectsTransactionIsOlder() {
    a.execute("create table if not exists orders (id int primary key, state text)");
    a.execute("insert into orders values (7, 'new') on conflict (id) do nothing");
    a.begin().execute("select pg_current_xact_id()");
    b.begin().execute("update orders set state = 'created'");
    a.run("update orders set state = 'updated'").awaitBlocked();
    b.execute("select howdah.publish('q', '\"created\"', key => '7')");
    b.commit();
    a.await();
    a.execute("select howdah.publish('q', '\"updated\"', key => '7')");
    a.commit();

    assertThat(Claim.of(a, "q", 10).payloads()).containsExactly("\"created\"", "\"updated\"");
  }

  @Test
  void causeComesBeforeEffectInALargeWindowToo() {
    List<String> expected = new ArrayList<>();
    a.begin().execute("select pg_current_xact_id()");
    for (int i = 0; i < 3; i++) {
      b.execute("select howdah.publish_many('q', array(select n::text from generate_series(?, ?) n))", i * 900,
          i * 900 + 899);
      IntStream.range(i * 900, i * 900 + 900).mapToObj(String::valueOf).forEach(expected::add);
    }
    a.execute("select howdah.publish('q', '-1')");
    a.commit();
    expected.add("-1");
    b.execute("select howdah.publish('q', '-2')");
    expected.add("-2");

    assertThat(drainInOrder()).isEqualTo(expected);
  }

  @Test
  void aLargeTransactionStandsWhereItsLastMessageStands() {
    a.begin().execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 1500) n))");
    b.execute("select howdah.publish_many('q', array(select (-n)::text from generate_series(1, 900) n))");
    a.execute("select howdah.publish('q', '1501')");
    a.commit();
    b.execute("select howdah.publish('q', '-901')");

    List<String> expected = new ArrayList<>(IntStream.rangeClosed(1, 900).mapToObj(n -> String.valueOf(-n)).toList());
    IntStream.rangeClosed(1, 1501).mapToObj(String::valueOf).forEach(expected::add);
    expected.add("-901");
    assertThat(drainInOrder()).isEqualTo(expected);
  }

  @Test
  void aTransactionThatRunsThroughALargeWindowIsInNoneOfItsTicks() {
    a.begin().execute("select howdah.publish('q', '0')");
    b.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 2500) n))");
    a.execute("select howdah.publish('q', '-1')");
    assertThat(b.execute("select howdah.sequence('q')").number()).isEqualTo(2500);
    a.commit();

    List<String> expected = new ArrayList<>(IntStream.rangeClosed(1, 2500).mapToObj(String::valueOf).toList());
    expected.addAll(List.of("0", "-1"));
    assertThat(drainInOrder()).isEqualTo(expected);
  }

  private List<String> drainInOrder() {
    List<Long> positions = new ArrayList<>();
    List<String> payloads = new ArrayList<>();
    for (Claim claim = Claim.of(b, "q", 700); !claim.positions().isEmpty(); claim = Claim.of(b, "q", 700)) {
      positions.addAll(claim.positions());
      payloads.addAll(claim.payloads());
    }
    assertThat(positions).isEqualTo(LongStream.rangeClosed(1, payloads.size()).boxed().toList());
    return payloads;
  }

  @Test
  void whoHoldsTheStreamTooLongIsNotWaitedFor() {
    b.execute("select howdah.publish('q', '1')");
    a.begin().execute("select howdah.sequence('q')");

    assertThat(b.execute("select howdah.sequence('q')").text()).isEqualTo("null");
    a.rollback();
    assertThat(b.execute("select howdah.sequence('q')").number()).isEqualTo(1);
  }

  @Test
  void anotherIsolationIsRefused() {
    for (String isolation : List.of("repeatable read", "serializable")) {
      a.execute("set default_transaction_isolation = '" + isolation + "'");
      Refusal.expect("0A000", a, "select howdah.sequence('q')");
    }
    a.execute("reset all");
  }

  @Test
  void anUnknownStreamIsRefused() {
    Refusal.expect("HD404", a, "select howdah.sequence('nothing')");
    Refusal.expect("HD404", a, "select howdah.sequence(null)");
    assertThat(database.number("select count(*) from howdah.stream where name = 'nothing'")).isZero();
  }
}
