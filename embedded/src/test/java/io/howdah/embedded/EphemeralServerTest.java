package io.howdah.embedded;

import static io.howdah.embedded.Sql.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One server for all of these; none of them stops it. */
class EphemeralServerTest {
  @TempDir
  static Path parent;
  static EmbeddedPostgres server;

  @BeforeAll
  static void start() throws Exception {
    leaveHalfMadeDirectory();
    server = EmbeddedPostgres.start(EmbeddedOptions.ephemeral(parent).withSetting("work_mem", "5MB"));
  }

  /** As a process leaves it that is killed before its server runs. At the end the parent must be empty. */
  private static void leaveHalfMadeDirectory() throws Exception {
    Path half = Files.createDirectory(parent.resolve("howdah-pg-1"));
    Files.createFile(half.resolve("lock"));
    Files.createDirectory(half.resolve("pgdata.new.1"));
    Files.setLastModifiedTime(half, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
  }

  @AfterAll
  static void stop() {
    Path directory = server.dataDirectory();
    server.close();
    server.close();
    assertThat(server.isRunning()).isFalse();
    assertThat(directory).doesNotExist();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void itAnswersAQuery() throws Exception {
    assertThat(value(server, "select 6 * 7")).isEqualTo("42");
    assertThat(server.isRunning()).isTrue();
    assertThat(ProcessHandle.of(server.postmasterPid())).isPresent();
  }

  @Test
  void itsUrlIsComplete() throws Exception {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl("postgres"))) {
      assertThat(connection.isValid(5)).isTrue();
    }
  }

  @Test
  void aWrongPasswordIsRefused() {
    String url = server.jdbcUrl("postgres").replace(server.password(), "guess");
    assertThatThrownBy(() -> DriverManager.getConnection(url).close()).isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void passwordsAreStoredAndAskedForByScram() throws Exception {
    assertThat(value(server, "select rolpassword from pg_authid where rolname = current_user"))
        .startsWith("SCRAM-SHA-256$");
    assertThat(value(server, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"))
        .isEqualTo("scram-sha-256");
  }

  @Test
  void itListensOnOneAddressOnly() throws Exception {
    for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress address : network.inetAddresses().toList()) {
        boolean own = address.getHostAddress().equals(server.host());
        assertThat(connects(address)).as("connects to %s", address).isEqualTo(own);
      }
    }
    assertThat(value(server, "show unix_socket_directories")).isEmpty();
  }

  private static boolean connects(InetAddress address) {
    try (Socket socket = new Socket(address, server.port())) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void itsSettingsAreThoseOfATestServer() throws Exception {
    assertThat(value(server, "show fsync")).isEqualTo("off");
    assertThat(value(server, "show max_prepared_transactions")).isEqualTo("16");
    assertThat(value(server, "show data_checksums")).isEqualTo("on");
    assertThat(value(server, "show server_encoding")).isEqualTo("UTF8");
    assertThat(value(server, "select setting from pg_file_settings where name = 'timezone'")).isEqualTo("UTC");
    assertThat(value(server, "show max_wal_size")).isEqualTo("4GB");
    assertThat(value(server, "show shared_buffers")).isEqualTo("128MB");
    assertThat(value(server, "select upper('é') collate \"pg_c_utf8\" || upper('é')")).isEqualTo("ÉÉ");
    assertThat(Integer.parseInt(value(server, "show max_connections"))).isGreaterThanOrEqualTo(100);
  }

  @Test
  void aSettingOfTheOptionsWins() throws Exception {
    assertThat(value(server, "show work_mem")).isEqualTo("5MB");
  }

  @Test
  void nobodyElseCanReadItsFiles() throws Exception {
    try (Stream<Path> paths = Files.walk(server.dataDirectory(), 2)) {
      for (Path path : paths.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).as(path.toString())
            .endsWith("------");
      }
    }
  }

  @Test
  void thePasswordIsNotInItsText() {
    assertThat(server.toString()).doesNotContain(server.password());
    assertThat(EmbeddedPostgres.find(server.dataDirectory()).orElseThrow().toString())
        .doesNotContain(server.password());
  }

  @Test
  void aSecondServerInTheSameParentHasItsOwnDirectoryAndCanAskForFsync() throws Exception {
    try (EmbeddedPostgres second = EmbeddedPostgres
        .start(EmbeddedOptions.ephemeral(parent).withSetting("fsync", "on"))) {
      assertThat(second.dataDirectory()).isNotEqualTo(server.dataDirectory());
      assertThat(second.port()).isNotEqualTo(server.port());
      assertThat(value(second, "show fsync")).isEqualTo("on");
    }
  }
}
