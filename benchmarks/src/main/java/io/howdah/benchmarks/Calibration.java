package io.howdah.benchmarks;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How fast the machine and its database are without anybody's cleverness: rows a second of one session that inserts
 * 1,000 texts of 200 bytes a statement into a bare table, and how long a tiny commit and a file's fdatasync take.
 */
final class Calibration {

  private static final int ROWS = 1000;
  private static final int SYNCS = 500;

  private final Stage stage;

  Calibration(Stage stage) {
    this.stage = stage;
  }

  void run(Figures figures) {
    try (Connection connection = stage.source().getConnection(); Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists howdah_calibration");
      statement.execute("create table howdah_calibration (payload text)");
      inserts(connection, 1); // the first second warms up
      statement.execute("truncate howdah_calibration");
      figures.set("rows_per_s", inserts(connection, stage.options().seconds()), 0);
      figures.set("commit_p50_ms", commits(connection).millis(0.5), 3);
      figures.set("fdatasync_p50_ms", syncs().millis(0.5), 3);
      statement.execute("drop table howdah_calibration");
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.INTERNAL, "the calibration failed: " + e.getMessage(), e);
    }
  }

  private static double inserts(Connection connection, int seconds) throws SQLException {
    String sql = "insert into howdah_calibration select * from unnest(?::text[])";
    String[] payloads = new Stamp(0, 0).next(ROWS).toArray(String[]::new);
    long start = System.nanoTime();
    long end = start + Stage.seconds(seconds);
    long rows = 0;
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      while (System.nanoTime() < end) {
        insert.setArray(1, connection.createArrayOf("text", payloads));
        rows += insert.executeUpdate();
      }
    }
    return rows / ((System.nanoTime() - start) / 1e9);
  }

  private static Histogram commits(Connection connection) throws SQLException {
    Histogram histogram = new Histogram();
    try (PreparedStatement insert = connection.prepareStatement("insert into howdah_calibration values ('x')")) {
      for (int i = 0; i < SYNCS; i++) {
        long start = System.nanoTime();
        insert.executeUpdate();
        histogram.record(System.nanoTime() - start);
      }
    }
    return histogram;
  }

  /** In the temporary directory, where the embedded server lives too. */
  private static Histogram syncs() {
    Histogram histogram = new Histogram();
    try {
      Path file = Files.createTempFile("howdah-fsync", null);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(SYNCS * 8192));
        channel.force(true);
        for (int i = 0; i < SYNCS; i++) {
          channel.write(ByteBuffer.allocate(8192), i * 8192L);
          long start = System.nanoTime();
          channel.force(false);
          histogram.record(System.nanoTime() - start);
        }
      } finally {
        Files.delete(file);
      }
      return histogram;
    } catch (IOException e) {
      throw new HowdahException(ErrorCode.INTERNAL, "the temporary directory cannot be measured: " + e, e);
    }
  }
}
