package io.howdah.engine.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.DatabaseException;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CreateAndDropTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  CreateAndDropTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @Test
  void creatingTwiceReturnsTheSameId() {
    assertThat(a.execute("select howdah.create_queue('q1')").number())
        .isEqualTo(a.execute("select howdah.create_queue('q1')").number());
    assertThat(a.execute("select howdah.create_stream('s1')").number())
        .isEqualTo(a.execute("select howdah.create_stream('s1')").number());
    assertThat(a.execute("select howdah.create_subscription('r1', 's1')").number())
        .isEqualTo(a.execute("select howdah.create_subscription('r1', 's1', 'beginning')").number());
  }

  @Test
  void twoWhoCreateOneQueueAtTheSameTimeGetOneQueue() {
    a.begin().execute("select howdah.create_queue('q2')");
    b.run("select howdah.create_queue('q2')").awaitBlocked();
    a.commit();
    assertThat(b.await().number()).isEqualTo(a.execute("select howdah.create_queue('q2')").number());
  }

  @Test
  void whoWaitedForACreationThatWasRolledBackCreatesItself() {
    a.begin().execute("select howdah.create_queue('q3')");
    b.run("select howdah.create_queue('q3')").awaitBlocked();
    a.rollback();
    b.await();
    a.execute("select howdah.publish('q3', '1')");
    assertThat(Claim.of(a, "q3", 1).payloads()).containsExactly("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "~a", "-a", ".a", "_a", "a;b", "é", "a\n", "a'", "a\"", "a%", "a*"})
  void aMalformedNameIsRefusedEverywhere(String name) {
    Refusal.expect("22023", a, "select howdah.create_queue(?)", name);
    Refusal.expect("22023", a, "select howdah.create_stream(?)", name);
    Refusal.expect("22023", a, "select howdah.create_subscription(?, 'any')", name);
  }

  @Test
  void aNameThatIsTooLongOrMissingIsRefused() {
    Refusal.expect("22023", a, "select howdah.create_queue(repeat('a', 256))");
    Refusal.expect("22023", a, "select howdah.create_queue(null)");
    Refusal.expect("22023", a, "select howdah.create_stream(null)");
    Refusal.expect("22023", a, "select howdah.create_subscription(null, 'any')");
  }

  @Test
  void aNameBelongsToOneKind() {
    a.execute("select howdah.create_queue('kind'), howdah.create_stream('other')");
    Refusal.expect("HD409", a, "select howdah.create_stream('kind')");
    Refusal.expect("HD409", a, "select howdah.create_queue('other')");
    Refusal.expect("HD409", a, "select howdah.create_subscription('kind', 'other')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1 s", "11 years"})
  void aRetentionOutOfRangeIsRefused(String retention) {
    Refusal.expect("22023", a, "select howdah.create_stream('s2', ?::interval)", retention);
  }

  @Test
  void aSubscriptionNeedsAStreamAndAStart() {
    a.execute("select howdah.create_stream('s3')");
    Refusal.expect("HD404", a, "select howdah.create_subscription('r3', 'nothing')");
    Refusal.expect("HD404", a, "select howdah.create_subscription('r3', null)");
    Refusal.expect("HD404", a, "select howdah.create_subscription('r3', '~r1')");
    Refusal.expect("22023", a, "select howdah.create_subscription('r3', 's3', 'yesterday')");
  }

  @Test
  void whatCreatesOrDropsRefusesAnotherIsolation() {
    try (Session c = database.session("c")) {
      c.execute("set default_transaction_isolation = 'repeatable read'");
      for (String call : List.of("create_queue('q4')", "create_subscription('r4', 's1')", "drop_queue('q1')",
          "drop_stream('s1')", "drop_subscription('r1')")) {
        Refusal.expect("0A000", c, "select howdah." + call);
      }
    }
  }

  @Test
  void beginningIsWhatTheStreamHasAndNowIsWhatComes() {
    a.execute("select howdah.create_stream('s5')");
    a.execute("select howdah.publish('s5', '1')");
    a.execute("select howdah.create_subscription('all5', 's5', 'beginning'), howdah.create_subscription('new5', 's5')");
    a.execute("select howdah.publish('s5', '2')");

    assertThat(Claim.drain(a, "all5")).containsExactly("1", "2");
    assertThat(Claim.drain(a, "new5")).containsExactly("2");
  }

  @Test
  void droppingWhatIsNotThereIsFalse() {
    for (String call : List.of("drop_queue('nothing')", "drop_stream('nothing')", "drop_subscription('nothing')",
        "drop_queue(null)", "drop_queue('s1')", "drop_stream('~r1')")) {
      assertThat(a.execute("select howdah." + call).text()).as(call).isEqualTo("false");
    }
  }

  @Test
  void whatHoldsMessagesIsDroppedByForceOnly() {
    a.execute("select howdah.create_queue('q6')");
    String[] states = {"select howdah.publish('q6', '1')", "select count(*) from howdah.claim('q6', 1)",
        "select howdah.settle(token, array[position], array['reject']) from howdah.claim('q6', 1)"};
    for (String state : states) {
      a.execute(state);
      Refusal.expect("HD409", a, "select howdah.drop_queue('q6')");
      Refusal.expect("HD409", a, "select howdah.drop_subscription('q6')");
      Refusal.expect("HD409", a, "select howdah.drop_stream('q6')");
    }
    assertThat(a.execute("select howdah.drop_queue('q6', true)").text()).isEqualTo("true");
    Refusal.expect("HD404", a, "select howdah.publish('q6', '1')");
    Refusal.expect("HD404", a, "select howdah.claim('q6')");
    assertThat(
        a.execute("select count(*) from howdah.dead_letter d where d.sub not in (select id from howdah.subscription)")
            .number())
        .isZero();
  }

  @Test
  void aScheduledMessageCountsAsHeld() {
    a.execute("select howdah.create_queue('q7')");
    a.execute("select howdah.publish('q7', '1', delay => '1 h')");
    Refusal.expect("HD409", a, "select howdah.drop_queue('q7')");
    a.execute("select howdah.drop_queue('q7', true)");
    assertThat(a.execute("select count(*) from howdah.due").number()).isZero();
  }

  @Test
  void aQueueThatOthersReadIsDroppedByForceOnly() {
    a.execute("select howdah.create_queue('q8'), howdah.create_subscription('audit8', 'q8')");
    Refusal.expect("HD409", a, "select howdah.drop_queue('q8')");
    assertThat(a.execute("select howdah.drop_queue('q8', true)").text()).isEqualTo("true");
    Refusal.expect("HD404", a, "select howdah.claim('audit8')");
  }

  @Test
  void aSubscriptionOnAStreamThatIsBeingDroppedSaysThatThereIsNone() {
    a.execute("select howdah.create_stream('s9')");
    a.begin().execute("select howdah.drop_stream('s9')");
    b.run("select howdah.create_subscription('r9', 's9')").awaitBlocked();
    a.commit();
    assertThatThrownBy(b::await).isInstanceOfSatisfying(DatabaseException.class,
        e -> assertThat(e.sqlState()).isEqualTo("HD404"));
  }

  @Test
  void aClaimThatWaitedForADropFindsNothing() {
    a.execute("select howdah.create_queue('q10')");
    a.execute("select howdah.publish('q10', '1')");
    a.begin().execute("select howdah.drop_queue('q10', true)");
    Claim.start(b, "q10", 1).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).payloads()).isEmpty();
  }

  @Test
  void aMessageForAStreamThatWasDroppedMeanwhileHarmsNobody() {
    a.execute("select howdah.create_queue('q11')");
    b.begin().execute("select howdah.publish('q11', '1'), howdah.publish('q11', '2', delay => '0.001 s')");
    a.execute("select howdah.drop_queue('q11', true), howdah.create_queue('q11')");
    b.commit();
    a.execute("select howdah.publish('q11', '3')");

    assertThat(Claim.drain(database, "q11")).containsExactly("3");
    a.execute("select howdah.promote(), (select count(*) from howdah.housekeep())");
    assertThat(Claim.drain(database, "q11")).isEmpty();
  }
}
