package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
  @TempDir
  Path parent;

  @Test
  void anEphemeralServerAnswersAndIsGoneAfterwards() throws Exception {
    Path directory;
    try (EmbeddedPostgres server = EmbeddedPostgres.start(EmbeddedOptions.ephemeral(parent))) {
      directory = server.dataDirectory();
      assertThat(value(server.dataSource("postgres"), "select 6 * 7")).isEqualTo("42");
      assertThat(server.isRunning()).isTrue();
    }
    assertThat(Files.exists(directory)).isFalse();
  }

  private static String value(DataSource source, String sql) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
