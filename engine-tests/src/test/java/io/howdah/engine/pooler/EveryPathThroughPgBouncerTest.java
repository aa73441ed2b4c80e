package io.howdah.engine.pooler;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** PgBouncer in transaction mode, where it is installed; else these tests are skipped and say so. */
@HowdahTest
class EveryPathThroughPgBouncerTest implements PathsThroughPooler {
  private final TestDatabase database;
  private PgBouncer pooler;

  EveryPathThroughPgBouncerTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void startPgBouncer(@TempDir Path directory) throws IOException {
    pooler = PgBouncer.start(database, directory);
  }

  @AfterEach
  void stopPgBouncer() {
    if (pooler != null) {
      pooler.close();
    }
  }

  @Override
  public DataSource pooled() {
    return pooler.dataSource();
  }
}
