package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stream once from beginning to end and tells each message's position. A worker does not know it for sure: what
 * it got and handed back before its handler saw it comes again at another position.
 */
final class Auditor implements Callable<Void> {
  private static final long NAP = 10_000_000;
  private final Source source;
  private final String subscription;

  Auditor(Source source, String subscription) {
    this.source = source;
    this.subscription = subscription;
  }

  @Override
  public Void call() throws SQLException {
    try (Connection connection = source.connect()) {
      while (true) {
        source.inTime();
        boolean last = source.isPublished() && Source.left(connection, subscription) == 0;
        Rows rows = Rows.of(connection,
            "select token, position, payload::text from howdah.claim(?, 500, '1 day', 'auditor')", subscription);
        for (List<@Nullable Object> row : rows.values()) {
          source.record(new History.Placed(source.name(String.valueOf(row.get(2))), (Long) row.get(1)));
        }
        if (rows.size() > 0) {
          Rows.of(connection, "select howdah.settle(?)", rows.texts().getFirst());
        } else if (last) {
          return null;
        } else {
          LockSupport.parkNanos(NAP);
        }
      }
    }
  }
}
