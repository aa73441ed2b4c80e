package io.howdah.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were published to a stream, queue or subscription, handled or not, delayed ones too, narrowed down by what they are; and
 * assertions about how many there are. A failure tells what was there instead. What the log has given up, long after it was handled, is not
 * seen any more. Immutable.
 */
public final class PublishedMessages {
  private static final int MOST_SHOWN = 20;
  private static final String FIND = """
      with place as (
        select s.id as stream, null::int as sub, false as direct from howdah.stream s where s.name = ? and s.kind <> 'return'
        union all
        select s.stream, s.id, false from howdah.subscription s join howdah.stream t on t.id = s.stream
        where s.name = ? and t.name <> s.name
        union all
        select s.return_stream, null, true from howdah.subscription s where s.name = ?
      ), found as (
        select l.id, l.published_at, p.sub, l.topic, l.key, l.headers, l.payload
        from howdah.log l join place p on p.stream = l.stream where not p.direct or l.attempt = 0
        union all
        select d.id, d.published_at, p.sub, d.topic, d.key, d.headers, d.payload
        from howdah.due d join place p on p.stream = d.stream where d.recurring is null and (not p.direct or d.attempt = 0)
      ), taken as (
        select distinct on (f.id) f.* from found f left join howdah.subscription s on s.id = f.sub
        where f.sub is null or howdah.takes(s, f.topic, f.key, f.id) order by f.id
      )
      select concat_ws(', ', 'topic ' || topic, 'key ' || key, 'headers ' || headers::text, 'payload ' || left(payload::text, 200)),
        coalesce((?::text is null or topic = ?) and (?::text is null or key = ?)
          and (?::text is null or payload::jsonb @> ?::jsonb) and coalesce(headers::jsonb, '{}') @> jsonb_object(?::text[], ?::text[]), false)
      from taken order by published_at, id""";
  private static final String EXISTS = """
      select exists (select from howdah.stream where name = ? and kind <> 'return')
        or exists (select from howdah.subscription where name = ?)""";

  private record Conditions(@Nullable String topic, @Nullable String key, @Nullable String payload,
      Map<String, String> headers) {
    @Override
    public String toString() {
      StringJoiner text = new StringJoiner(", ");
      if (topic != null) {
        text.add("topic " + topic);
      }
      if (key != null) {
        text.add("key " + key);
      }
      headers.forEach((name, value) -> text.add("header " + name + " = " + value));
      if (payload != null) {
        text.add("a payload that contains " + payload);
      }
      return text.length() == 0 ? "" : " with " + text;
    }
  }

  private record Found(List<String> matching, List<String> others) {
  }

  private final TestDatabase database;
  private final @Nullable Connection transaction;
  private final String name;
  private final Conditions conditions;

  private PublishedMessages(TestDatabase database, @Nullable Connection transaction, String name,
      Conditions conditions) {
    this.database = database;
    this.transaction = transaction;
    this.name = name;
    this.conditions = conditions;
  }

  static PublishedMessages of(TestDatabase database, String name) {
    return new PublishedMessages(database, null, name, new Conditions(null, null, null, Map.of()));
  }

  /** As this transaction sees them: with what it has published and not committed. */
  public PublishedMessages in(Connection newTransaction) {
    return new PublishedMessages(database, newTransaction, name, conditions);
  }

  /** Those with exactly this topic. */
  public PublishedMessages withTopic(String topic) {
    return with(new Conditions(topic, conditions.key(), conditions.payload(), conditions.headers()));
  }

  /** Those with exactly this key. */
  public PublishedMessages withKey(String key) {
    return with(new Conditions(conditions.topic(), key, conditions.payload(), conditions.headers()));
  }

  /** Those with this header, and others if they like. */
  public PublishedMessages withHeader(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(conditions.headers());
    more.put(header, value);
    return with(new Conditions(conditions.topic(), conditions.key(), conditions.payload(), more));
  }

  /** Those whose payload contains this JSON: an object may have more fields, a list more elements. */
  public PublishedMessages withPayload(String json) {
    return with(new Conditions(conditions.topic(), conditions.key(), json, conditions.headers()));
  }

  private PublishedMessages with(Conditions newConditions) {
    return new PublishedMessages(database, transaction, name, newConditions);
  }

  /** How many there are. */
  public int count() {
    return find().matching().size();
  }

  /** There is at least one. */
  public void exist() {
    Found found = find();
    if (found.matching().isEmpty()) {
      throw new AssertionError(
          "no message" + conditions + " was published to " + name + told(found.others(), "there were", "nothing was"));
    }
  }

  /** There are exactly so many. */
  public void exist(int count) {
    Found found = find();
    if (found.matching().size() != count) {
      throw new AssertionError(count + " messages" + conditions + " were expected in " + name + " but there were "
          + found.matching().size() + told(found.matching(), "", "") + told(found.others(), "others were", ""));
    }
  }

  /** There is none. */
  public void doNotExist() {
    Found found = find();
    if (!found.matching().isEmpty()) {
      throw new AssertionError("no message" + conditions + " should have been published to " + name
          + told(found.matching(), "but there were", ""));
    }
  }

  private static String told(List<String> messages, String these, String none) {
    if (messages.isEmpty()) {
      return none.isEmpty() ? "" : "; " + none;
    }
    String more = messages.size() > MOST_SHOWN ? "\n  and " + (messages.size() - MOST_SHOWN) + " more" : "";
    return (these.isEmpty() ? "" : "; " + these) + ":\n  "
        + String.join("\n  ", messages.subList(0, Math.min(MOST_SHOWN, messages.size()))) + more;
  }

  private Found find() {
    try {
      if (transaction != null) {
        return find(transaction);
      }
      try (Connection connection = database.connect()) {
        return find(connection);
      }
    } catch (SQLException e) {
      throw new DatabaseException("what was published to " + name + " cannot be read: " + e.getMessage(), e);
    }
  }

  private Found find(Connection connection) throws SQLException {
    if (Rows.of(connection, EXISTS, name, name).text().equals("false")) {
      throw new AssertionError(
          "there is no stream, queue or subscription " + name + ", so nothing can have been published to it");
    }
    String[] headers = conditions.headers().keySet().toArray(String[]::new);
    String[] values = conditions.headers().values().toArray(String[]::new);
    Rows rows = Rows.of(connection, FIND, name, name, name, conditions.topic(), conditions.topic(), conditions.key(),
        conditions.key(), conditions.payload(), conditions.payload(), headers, values);
    return new Found(texts(rows, true), texts(rows, false));
  }

  private static List<String> texts(Rows rows, boolean matching) {
    return rows.values().stream().filter(row -> String.valueOf(row.get(1)).equals(String.valueOf(matching)))
        .map(row -> String.valueOf(row.getFirst())).toList();
  }
}
