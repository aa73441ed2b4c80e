package io.howdah.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Publishing to the name of a subscription reaches it, and nobody else. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DirectMessageTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  DirectMessageTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void streamAndReaders() {
    a.execute("select howdah.drop_stream('s', true)");
    a.execute("select howdah.create_stream('s')");
    a.execute("select howdah.create_bound_queue('q', 's', '{order.*}'), howdah.create_bound_queue('p', 's', '{#}'), "
        + "howdah.create_subscription('r', 's')");
  }

  @Test
  void itReachesOnlyTheOneThatIsNamedWhateverItsBindings() {
    a.execute("select howdah.publish('q', '1', topic => 'x', key => 'k', headers => '{\"h\": \"v\"}'), "
        + "howdah.publish('r', '2')");
    assertThat(
        a.execute("select payload::text || attempt || topic || key || (headers ->> 'h') from howdah.claim('q', 9)")
            .texts())
        .containsExactly("11xkv");
    assertThat(Claim.drain(a, "r")).containsExactly("2");
    assertThat(Claim.drain(a, "p")).isEmpty();
    assertThat(a.execute("select published from howdah.stats('r')").number()).as("nothing went to the stream").isZero();
  }

  @Test
  void itComesBesideWhatIsRouted() {
    a.execute("select howdah.publish('s', '1', topic => 'order.a'), howdah.publish('q', '2')");
    assertThat(a.execute("select ready from howdah.stats('q')").number()).isEqualTo(2);
    assertThat(Claim.drain(a, "q")).containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void manyAndDelayedOnesInTheCallersTransaction() {
    b.begin().execute("select howdah.publish_many('q', array['1', '2'], delays => array[null, '1 h']::interval[])");
    assertThat(Claim.drain(a, "q")).isEmpty();
    b.commit();
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    assertThat(a.execute("select scheduled from howdah.stats('q')").number()).isEqualTo(1);
    assertThat(a.execute("select scheduled from howdah.stats('p')").number()).isZero();
    database.clock().advance(Duration.ofHours(2));
    assertThat(Claim.drain(a, "q")).as("it is moved into the log by this look").isEmpty();
    assertThat(Claim.drain(a, "q")).containsExactly("2");
  }

  @Test
  void aRetryOfItComesBackAndItsLimitsAreThoseOfEveryMessage() {
    a.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[1], array['retry'], array['0'::interval])", claim.token());
    assertThat(Claim.of(a, "q", 1).attempts()).containsExactly(2);
    Refusal.expect("22023", a, "select howdah.publish('q', '1', topic => 'a..b')");
    Refusal.expect("HD404", a, "select howdah.publish('~q', '1')");
    Refusal.expect("HD404", a, "select howdah.publish('nobody', '1')");
  }

  @Test
  void aStreamOfThatNameComesFirst() {
    a.execute("select howdah.create_stream('r')");
    a.execute("select howdah.publish('r', '1')");
    assertThat(Claim.drain(a, "r")).isEmpty();
    a.execute("select howdah.drop_stream('r', true)");
  }

  @Test
  void aSleeperIsRungByTheNameOfItsQueue() {
    a.execute("select howdah.mark_sleeping('q', gen_random_uuid(), '1 min')");
    assertThat(a.execute("select howdah.ring(array['q'])").number()).isEqualTo(1);
    assertThat(a.execute("select howdah.ring(array['s', 'q'])").number()).isEqualTo(1);
    assertThat(a.execute("select howdah.ring(array['p'])").number()).isZero();
  }
}
