package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.PoolerProxy;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@HowdahTest
class StatementTimeoutTest {

  private static final HowdahOptions SHORT = HowdahOptions.defaults().withStatementTimeout(Duration.ofSeconds(1));

  private final TestDatabase database;

  StatementTimeoutTest(TestDatabase database) {
    this.database = database;
    database.query("select howdah.create_queue('slow')");
  }

  private void aPublishThatIsHeldUpIsCancelled(DataSource source) {
    try (Howdah howdah = Howdah.open(source, SHORT)) {
      Queue<Json> queue = howdah.queue("slow");
      Session blocker = database.session("blocker").begin();
      blocker.execute("lock table howdah.log_0 in access exclusive mode");
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> queue.publish(new Json("1")))
          .withMessageContaining("nothing of it happened")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
      assertThat(database.number("select count(*) from pg_locks where not granted")).as("statements that still wait")
          .isZero();
      blocker.rollback();
      long before = queue.stats().published();
      queue.publish(new Json("2"));
      assertThat(queue.stats().published()).isEqualTo(before + 1);
    }
  }

  @Test
  void aStatementThatTakesTooLongIsCancelledInTheDatabaseAndItsConnectionGoesOn() {
    aPublishThatIsHeldUpIsCancelled(database.dataSource());
  }

  @Test
  void behindATransactionPoolerToo() {
    try (PoolerProxy pooler = PoolerProxy.to(database, 2)) {
      aPublishThatIsHeldUpIsCancelled(pooler.dataSource());
    }
  }

  @Test
  void aStatementInTheCallersTransactionIsTheCallersToLimit() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource(), SHORT); Connection tx = database.connect()) {
      Session blocker = database.session("slow-blocker").begin();
      blocker.execute("lock table howdah.log_0 in access exclusive mode");
      Session release = database.session("release");
      release.run("select pg_sleep(1.5), pg_terminate_backend(?)", blocker.backend());
      tx.setAutoCommit(false);
      howdah.queue("slow").in(tx).publish(new Json("1"));
      tx.commit();
      release.await();
    }
  }
}
