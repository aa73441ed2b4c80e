package io.howdah.engine.traps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.DatabaseException;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Several consumers, late answers, and transactions that stay open. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsumersTest {
  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;
  private final Session c;

  ConsumersTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
    this.c = database.session("c");
  }

  @BeforeEach
  void queue() {
    c.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    c.rollback();
    clock.reset();
  }

  /** T16, D6: claims that run into one another, a thousand times. */
  @Test
  void noTwoConsumersGetTheSameMessage() {
    c.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 1000) n))");
    String claim = """
        do $$ begin
          for i in 1..250 loop
            insert into taken select payload::text from howdah.claim('q', 1);
            commit;
          end loop;
        end $$""";
    c.execute("create table if not exists taken (payload text); truncate taken");
    List<Session> consumers = List.of(a, b, c, database.session("d"));
    consumers.forEach(session -> session.run(claim));
    consumers.forEach(Session::await);
    consumers.getLast().close();

    assertThat(c.execute("select count(*) || ' ' || count(distinct payload) from taken").text()).isEqualTo("1000 1000");
  }

  /** T44. */
  @Test
  void noPlanMakesAClaimLargerThanWasAsked() {
    c.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 600) n))");
    List<String> all = new ArrayList<>();
    for (String join : List.of("nestloop", "hashjoin", "mergejoin", "indexscan", "material", "memoize")) {
      a.execute("reset all; set enable_" + join + " = off");
      for (int i = 0; i < 20; i++) {
        Claim claim = Claim.of(a, "q", 5);
        assertThat(claim.positions()).hasSize(5);
        all.addAll(claim.payloads());
      }
    }
    a.execute("reset all");
    assertThat(all).isEqualTo(IntStream.rangeClosed(1, 600).mapToObj(String::valueOf).toList());
  }

  /** T17, T47. */
  @Test
  void whoWasStoppedForLongerThanItsLeaseCanChangeNothingAnyMore() {
    c.execute("select howdah.publish_many('q', array['1', '2'])");
    Claim stopped = Claim.of(a, "q", 2);
    clock.advance(Duration.ofMinutes(1));
    Claim owner = Claim.of(b, "q", 2);
    String before = c.execute("select s::text from howdah.stats('q') s").text();

    assertThat(stopped.done(a)).isEqualTo("lapsed");
    assertThat(a.execute("select howdah.settle(?, array[1], array['reject'], rest => 'open')", stopped.token()).text())
        .isEqualTo("lapsed");
    assertThat(a.execute("select howdah.renew(?, '1 day')", stopped.token()).text()).isEqualTo("false");
    assertThat(a.execute("select howdah.release(?)", stopped.token()).text()).isEqualTo("false");
    assertThat(c.execute("select s::text from howdah.stats('q') s").text()).isEqualTo(before);
    assertThat(owner.done(b)).isEqualTo("settled");
  }

  /** T20, D25. */
  @Test
  void aTokenOfADroppedQueueMeansNothingToANewOneOfItsName() {
    c.execute("select howdah.publish('q', '1')");
    Claim old = Claim.of(a, "q", 1);
    c.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
    c.execute("select howdah.publish('q', '2')");
    Claim fresh = Claim.of(b, "q", 1);

    assertThat(old.done(a)).isEqualTo("lapsed");
    assertThat(a.execute("select howdah.release(?)", old.token()).text()).isEqualTo("false");
    assertThat(fresh.payloads()).containsExactly("2");
    assertThat(fresh.done(b)).isEqualTo("settled");
    assertThat(c.execute("select count(*) from howdah.held").number()).isZero();
  }

  /** D7. */
  @Test
  void aSettleThatIsPreparedKeepsItsMessagesAndHoldsNobodyUp() {
    c.execute("select howdah.publish_many('q', array['1', '2', '3'])");
    Claim prepared = Claim.of(a, "q", 1);
    Claim.of(c, "q", 1);
    a.begin();
    assertThat(prepared.done(a)).isEqualTo("settled");
    a.prepare("settle");
    clock.advance(Duration.ofMinutes(1));

    List<String> others = new ArrayList<>(Claim.of(b, "q", 1).payloads());
    others.addAll(Claim.of(b, "q", 1).payloads());
    assertThat(others).containsExactlyInAnyOrder("2", "3");
    assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
    b.commitPrepared("settle");
    clock.advance(Duration.ofMinutes(1));
    assertThat(Claim.drain(b, "q")).containsExactlyInAnyOrder("2", "3");
  }

  @Test
  void aPreparedSettleThatIsRolledBackGivesItsMessagesToTheNext() {
    c.execute("select howdah.publish('q', '1')");
    Claim prepared = Claim.of(a, "q", 1);
    a.begin();
    prepared.done(a);
    a.prepare("undone");
    clock.advance(Duration.ofMinutes(1));
    assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
    b.rollbackPrepared("undone");
    assertThat(Claim.of(b, "q", 1).payloads()).containsExactly("1");
  }

  @Test
  void twoThatSettleOneClaimAtTheSameTimeDoItOnce() {
    c.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    a.begin();
    assertThat(claim.done(a)).isEqualTo("settled");
    b.run("select howdah.settle(?, array[1], array['reject'])", claim.token()).awaitBlocked();
    a.commit();
    assertThat(b.await().text()).isEqualTo("lapsed");
    assertThat(c.execute("select dead from howdah.stats('q')").number()).isZero();
  }

  @Test
  void aSettleThatRunsIntoATakeOverHasLapsed() {
    c.execute("select howdah.publish('q', '1')");
    Claim slow = Claim.of(a, "q", 1);
    clock.advance(Duration.ofMinutes(1));
    b.begin();
    Claim taken = Claim.of(b, "q", 1);
    assertThat(taken.payloads()).containsExactly("1");
    a.run("select howdah.settle(?)", slow.token()).awaitBlocked();
    b.commit();
    assertThat(a.await().text()).isEqualTo("lapsed");
    assertThat(taken.done(b)).isEqualTo("settled");
  }

  /** D8: others are told, and nothing is lost. */
  @Test
  void aClaimInALongTransactionMakesOthersWaitForASecondAtMost() {
    c.execute("select howdah.publish_many('q', array['1', '2'])");
    try (Session idle = database.session("idle")) {
      idle.begin();
      assertThat(Claim.of(idle, "q", 1).payloads()).containsExactly("1");
      assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
      assertThat(b.execute("select howdah.next_lapse('q')").text()).isEqualTo("null");
      idle.terminate();
    }
    assertThat(Claim.drain(b, "q")).containsExactly("1", "2");
  }

  /** T14, D15. */
  @Test
  void aSubscriptionWithoutASliceIsAnErrorAndNotANewStart() {
    c.execute("select howdah.publish('q', '1')");
    assertThat(Claim.drain(c, "q")).containsExactly("1");
    a.begin().execute("delete from howdah.slice where sub = (select id from howdah.subscription where name = 'q')");
    assertThatThrownBy(() -> Claim.of(a, "q", 1)).isInstanceOf(DatabaseException.class);
    a.rollback();
  }
}
