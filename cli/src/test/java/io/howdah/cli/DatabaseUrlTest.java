package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:postgresql://127.0.0.1:5433/howdah?user=ann&password=s%2Be%40cret",
      "postgresql://127.0.0.1:5433/howdah?user=ann&password=s+e%40cret",
      "postgresql://ann:s+e%40cret@127.0.0.1:5433/howdah", "postgres://ann:s%2Be%40cret@127.0.0.1:5433/howdah",
      "jdbc:postgresql://ann:s+e%40cret@127.0.0.1:5433/howdah",
      " postgresql://ann@127.0.0.1:5433/howdah?password=s+e@cret\n"})
  void everyWayToWriteItMeansTheSame(String text) {
    var url = DatabaseUrl.parse(text);

    assertThat(url.user()).isEqualTo("ann");
    assertThat(url.password()).isEqualTo("s+e@cret");
    assertThat(url.dataSource().getUrl()).startsWith("jdbc:postgresql://127.0.0.1:5433/howdah");
    assertThat(url.forJdbc()).isEqualTo("jdbc:postgresql://127.0.0.1:5433/howdah?user=ann&password=s%2Be%40cret");
  }

  @Test
  void otherParametersReachTheDriver() {
    var url = DatabaseUrl.parse("postgresql://one:1,two:2/db?sslmode=require&ApplicationName=mine");

    assertThat(url.hosts()).isEqualTo("one:1,two:2");
    assertThat(url.dataSource().getSslMode()).isEqualTo("require");
    assertThat(url.dataSource().getApplicationName()).isEqualTo("mine");
    assertThat(DatabaseUrl.parse("postgresql:///db").dataSource().getApplicationName()).isEqualTo("howdah");
  }

  @Test
  void itsTextHidesThePassword() {
    assertThat(DatabaseUrl.parse("postgresql://ann:secret@host/db?password=secret"))
        .hasToString("postgresql://host/db");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "secret", "mysql://ann:secret@host/db", "host:5432/db?password=secret",
      "postgresql://ann:secret@host:port/db", "postgresql://ann:secret%@host/db",
      "postgresql://host:0/db?password=secret"})
  void whatIsNoUrlIsExplainedAndNeverRepeated(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("database URL").hasMessageNotContaining("secret");
  }
}
