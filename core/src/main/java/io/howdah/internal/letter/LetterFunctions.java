package io.howdah.internal.letter;

import io.howdah.DeadLetter;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Payload;
import io.howdah.RedriveOptions;
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

/** The functions that look at dead letters, and send them again. */
public final class LetterFunctions {

  private static final String LIST = """
      select no, subscription_name, id, topic, key, headers, payload, published_at, attempts, reason, error,
        first_failed_at, failed_at, body, content_type
      from howdah.dead_letters(?, ?::json, ?::bigint, ?::int)""";
  private static final String COUNT = """
      select howdah.count_dead_letters(?, ?::json)::text""";
  private static final String EDIT = """
      select howdah.edit_dead_letter(?, ?::uuid, ?::json)::text""";
  private static final String REDRIVE = """
      select howdah.redrive(?, ?::json, ?::int, ?, ?::float8)::text""";
  private static final String DELETE = """
      select howdah.delete_dead_letters(?, ?::json)::text""";

  private final LetterCalls calls;

  public LetterFunctions(Connections connections) {
    this.calls = new LetterCalls(connections);
  }

  /** Of one subscription, or of all. */
  public List<DeadLetter> list(@Nullable String subscription, LetterFilter filter, long after, int quantity) {
    return calls.rows(LIST, "reading dead letters", LetterFunctions::read, subscription, LetterCalls.text(filter),
        Long.toString(after), Integer.toString(quantity));
  }

  private static DeadLetter read(ResultSet row) throws SQLException {
    Message<Payload> message = new Message<>(Payloads.read(row, 7, 14), row.getString(4), row.getString(5),
        HeaderText.decode(row.getString(6)), Duration.ZERO);
    DeadLetter.Failure failure = new DeadLetter.Failure(row.getInt(9), row.getString(10), row.getString(11),
        Statements.instant(row.getString(12)), Statements.instant(row.getString(13)));
    return new DeadLetter(row.getLong(1), row.getString(2), UUID.fromString(row.getString(3)), message,
        Statements.instant(row.getString(8)), failure);
  }

  public long count(String subscription, LetterFilter filter) {
    return Long.parseLong(calls.one(COUNT, "counting dead letters", subscription, LetterCalls.text(filter)));
  }

  public boolean edit(String subscription, UUID id, Json payload) {
    return Boolean.parseBoolean(calls.one(EDIT, "editing a dead letter", subscription, id.toString(), payload.text()));
  }

  public long redrive(String subscription, LetterFilter filter, RedriveOptions options, int quantity) {
    Double rate = options.perSecond();
    return Long.parseLong(calls.one(REDRIVE, "redriving dead letters", subscription, LetterCalls.text(filter),
        Integer.toString(quantity), options.target(), rate == null ? null : rate.toString()));
  }

  public long delete(String subscription, LetterFilter filter) {
    return Long.parseLong(calls.one(DELETE, "deleting dead letters", subscription, LetterCalls.text(filter)));
  }
}
