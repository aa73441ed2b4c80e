package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.WorkerOptions;
import io.howdah.testkit.DatabaseException;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client accepts for a claim is what the database accepts, on both sides of each limit. */
@HowdahTest
class ClaimLimitsTest {

  private static final Duration LEASE = Duration.ofSeconds(30);

  private final TestDatabase database;
  private final Howdah howdah;
  private final Queue<Json> queue;

  ClaimLimitsTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
    this.queue = howdah.queue("q").create();
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT0S", "PT0.009S", "PT0.01S", "PT1S", "PT24H", "PT24H0.001S", "PT168H"})
  void aLeaseIsRefusedByBothOrByNone(String lease) {
    boolean accepted = databaseAccepts("select howdah.claim('q', lease => '" + lease + "')");

    assertThat(clientAccepts(() -> queue.claim(1, Duration.parse(lease)).close())).isEqualTo(accepted);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 10_000, 10_001})
  void aQuantityIsRefusedByBothOrByNone(int quantity) {
    boolean accepted = databaseAccepts("select howdah.claim('q', " + quantity + ")");

    assertThat(clientAccepts(() -> queue.claim(quantity, LEASE).close())).isEqualTo(accepted);
    assertThat(clientAccepts(() -> queue.peek(quantity))).isEqualTo(accepted);
    assertThat(clientAccepts(() -> howdah.subscription("q").peek(quantity))).isEqualTo(accepted);
    assertThat(clientAccepts(() -> WorkerOptions.defaults().withFetch(quantity))).isEqualTo(accepted);
  }

  @ParameterizedTest
  @ValueSource(ints = {127, 128})
  void anOwnerIsRefusedByBothOrByNone(int letters) {
    String owner = "é".repeat(letters);
    boolean accepted = databaseAccepts("select howdah.claim('q', owner => '" + owner + "')");

    assertThat(clientAccepts(() -> WorkerOptions.defaults().withOwner(owner))).isEqualTo(accepted);
  }

  /** In Java, before anything is sent: an exception of the database would have a cause. */
  private static boolean clientAccepts(ThrowingCallable call) {
    HowdahException refusal = catchThrowableOfType(HowdahException.class, call);
    if (refusal != null) {
      assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID);
      assertThat(refusal).hasNoCause();
    }
    return refusal == null;
  }

  private boolean databaseAccepts(String sql) {
    try {
      database.query(sql);
      return true;
    } catch (DatabaseException e) {
      assertThat(e.sqlState()).isEqualTo("22023");
      return false;
    }
  }
}
