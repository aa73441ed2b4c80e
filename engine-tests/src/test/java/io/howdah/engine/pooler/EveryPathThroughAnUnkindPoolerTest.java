package io.howdah.engine.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.PoolerProxy;
import io.howdah.testkit.TestDatabase;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;

/** The test kit's pooler: each transaction another server connection, and nothing that a session has set is reset. */
@HowdahTest
class EveryPathThroughAnUnkindPoolerTest implements PathsThroughPooler {
  private final PoolerProxy pooler;

  EveryPathThroughAnUnkindPoolerTest(TestDatabase database) {
    this.pooler = PoolerProxy.to(database, 4);
  }

  @Override
  public DataSource pooled() {
    return pooler.dataSource();
  }

  @AfterEach
  void allWentThroughThePooler() {
    assertThat(pooler.transactions()).isPositive();
    pooler.close();
  }
}
