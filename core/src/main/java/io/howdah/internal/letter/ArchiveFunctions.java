package io.howdah.internal.letter;

import io.howdah.ArchivedMessage;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Payload;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.codec.Payloads;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The functions that look at archived messages, and publish them again. */
public final class ArchiveFunctions {

  private static final String LIST = """
      select no, subscription_name, id, topic, key, headers, payload, attempts, published_at, archived_at, body, content_type
      from howdah.archived(?, ?::json, ?::bigint, ?::int)""";
  private static final String COUNT = """
      select howdah.count_archived(?, ?::json)::text""";
  private static final String REPUBLISH = """
      select no from howdah.republish_archived(?, ?::json, ?::bigint, ?::int, ?)""";
  private static final String DELETE = """
      select howdah.delete_archived(?, ?::json)::text""";
  private static final String RETAIN = """
      select howdah.alter_subscription(?, json_build_object('archive_retention', ?::text))::text""";

  private final LetterCalls calls;

  public ArchiveFunctions(Connections connections) {
    this.calls = new LetterCalls(connections);
  }

  public List<ArchivedMessage> list(String subscription, LetterFilter filter, long after, int quantity) {
    return calls.rows(LIST, "reading the archive", ArchiveFunctions::read, subscription, LetterCalls.text(filter),
        Long.toString(after), Integer.toString(quantity));
  }

  private static ArchivedMessage read(ResultSet row) throws SQLException {
    Message<Payload> message = new Message<>(Payloads.read(row, 7, 11), row.getString(4), row.getString(5),
        HeaderText.decode(row.getString(6)), Duration.ZERO);
    return new ArchivedMessage(row.getLong(1), row.getString(2), UUID.fromString(row.getString(3)), message,
        row.getInt(8), Statements.instant(row.getString(9)), Statements.instant(row.getString(10)));
  }

  public long count(String subscription, LetterFilter filter) {
    return Long.parseLong(calls.one(COUNT, "counting the archive", subscription, LetterCalls.text(filter)));
  }

  /** Returns the numbers of what was published. */
  public List<Long> republish(String subscription, LetterFilter filter, long after, int quantity,
      @Nullable String target) {
    return calls.rows(REPUBLISH, "publishing from the archive", row -> row.getLong(1), subscription,
        LetterCalls.text(filter), Long.toString(after), Integer.toString(quantity), target);
  }

  public long delete(String subscription, LetterFilter filter) {
    return Long.parseLong(calls.one(DELETE, "deleting from the archive", subscription, LetterCalls.text(filter)));
  }

  public void retain(String subscription, @Nullable Duration retention) {
    calls.one(RETAIN, "changing a retention", subscription, retention == null ? "infinite" : retention.toString());
  }
}
