package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import org.junit.jupiter.api.Test;

@HowdahTest
class OpenChecksTheSchemaTest {

  @Test
  void aDatabaseWithoutTheSchemaIsRefused() {
    try (TestDatabase empty = TestServer.shared().createEmptyDatabase()) {
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> Howdah.open(empty.dataSource()))
          .withMessageContaining("howdah schema install")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_MISSING));
    }
  }

  @Test
  void aSchemaOfAnotherVersionIsRefused(TestDatabase database) {
    database.sabotage("schema_version", "1", "99");
    try {
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> Howdah.open(database.dataSource()))
          .withMessageContaining("99").satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_VERSION));
    } finally {
      database.heal();
    }
  }

  @Test
  void aDatabaseThatCannotBeReachedIsUnavailable(TestDatabase database) {
    try (FaultProxy proxy = FaultProxy.to(database)) {
      proxy.refuse();
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> Howdah.open(proxy.dataSource()))
          .withMessageContaining("nothing was sent")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
  }

  @Test
  void aClosedHowdahSaysSo(TestDatabase database) {
    Howdah howdah = Howdah.open(database.dataSource());
    howdah.close();
    howdah.close();

    assertThatExceptionOfType(HowdahException.class).isThrownBy(howdah::stats)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }
}
