package io.howdah.internal.subscription;

import io.howdah.Codec;
import io.howdah.Payload;
import io.howdah.PeekedMessage;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The functions that hand messages out and take their outcomes. */
final class SubscriptionFunctions {

  static final String CLAIM = """
      select token, "position", id, topic, key, headers, payload, published_at, attempt, body, content_type
      from howdah.claim(?, ?, ?::interval, ?)""";

  private static final String POP = """
      select token, "position", id, topic, key, headers, payload, published_at, attempt, body, content_type
      from howdah.pop(?, ?, ?)""";

  private static final String SETTLE = """
      select howdah.settle(?, ?::text[]::bigint[], ?::text[], ?::text[]::interval[], ?::text[], ?::text[], ?)""";

  private static final String DONE_AND_CLAIM = """
      select token, "position", id, topic, key, headers, payload, published_at, attempt, body, content_type
      from howdah.settle_and_claim(?, ?, ?, ?::interval, ?)""";

  private static final String SETTLE_AND_CLAIM = SETTLE + ";\n" + CLAIM;

  private static final String SETTLE_ALL = """
      select howdah.settle(token) from unnest(?::text[]) with ordinality as t (token, n) order by n""";

  private static final String SETTLE_ALL_AND_CLAIM = SETTLE_ALL + ";\n" + CLAIM;

  private static final String STARTED_LATE = """
      select 1 from howdah.started_late(?, ?, ?::interval, ?::interval, ?::text[])""";

  private static final String RENEW = """
      select howdah.renew(?, ?::interval)""";

  private static final String RELEASE = """
      select howdah.release(?)""";

  private static final String PEEK = """
      select token, "position", id, topic, key, headers, payload, published_at, attempt, body, content_type
      from howdah.peek(?, ?, ?::boolean)""";

  private static final String PEEK_ALL = """
      select subscription, "position", id, topic, key, headers, payload, published_at, attempt, body, content_type
      from howdah.peek_all(?, ?::boolean)""";

  private static final String NEXT_LAPSE = """
      select howdah.next_lapse(?)""";

  /** What a claim asks for. */
  record Request(String subscription, int quantity, Duration lease, String owner) {
  }

  /**
   * The answers to several settlements, in their order, and what was claimed with
   * them.
   */
  record Exchange<T>(List<String> answers, Claimed<T> claimed) {
  }

  private SubscriptionFunctions() {
  }

  /** Claims messages and settles them as done; there is no token, and the lease of the request is not used. */
  static <T> Claimed<T> pop(Connection connection, Request request, Codec<T> codec) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, POP)) {
      statement.setString(1, request.subscription());
      statement.setInt(2, request.quantity());
      statement.setString(3, request.owner());
      return claimed(statement, codec);
    }
  }

  static <T> Claimed<T> claim(Connection connection, Request request, Codec<T> codec) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, CLAIM)) {
      setClaim(statement, 1, request);
      return claimed(statement, codec);
    }
  }

  private static <T> Claimed<T> claimed(PreparedStatement statement, Codec<T> codec) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return Claimed.read(rows, codec).with(Notices.permit(statement));
    }
  }

  static String settle(Connection connection, Settlement settlement) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, SETTLE)) {
      setSettlement(statement, settlement);
      statement.execute();
      return texts(statement).getFirst();
    }
  }

  /**
   * All of one slice done and the next claimed, in one function. If the session hides notices, a lapsed slice counts as
   * settled here; in the database nothing has changed either way.
   */
  static <T> Exchange<T> doneAndClaim(Connection connection, String token, Request request, Codec<T> codec)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, DONE_AND_CLAIM)) {
      statement.setString(1, token);
      setClaim(statement, 2, request);
      try (ResultSet rows = statement.executeQuery()) {
        Claimed<T> claimed = Claimed.read(rows, codec).with(Notices.permit(statement));
        return new Exchange<>(List.of(Notices.sayLapsed(statement) ? "lapsed" : "settled"), claimed);
      }
    }
  }

  /**
   * One round trip, one transaction: the claim is sent with the settlement, not
   * after its answer.
   */
  static <T> Exchange<T> settleAndClaim(Connection connection, Settlement settlement, Request request, Codec<T> codec)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, SETTLE_AND_CLAIM)) {
      setSettlement(statement, settlement);
      setClaim(statement, 8, request);
      return exchange(statement, codec);
    }
  }

  static List<String> settleAll(Connection connection, List<String> tokens) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, SETTLE_ALL)) {
      Statements.setTexts(statement, 1, tokens.toArray(String[]::new));
      statement.execute();
      return texts(statement);
    }
  }

  static <T> Exchange<T> settleAllAndClaim(Connection connection, List<String> tokens, Request request, Codec<T> codec)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, SETTLE_ALL_AND_CLAIM)) {
      Statements.setTexts(statement, 1, tokens.toArray(String[]::new));
      setClaim(statement, 2, request);
      return exchange(statement, codec);
    }
  }

  /**
   * Messages of one claim that were started so late, and so long ago.
   *
   * @param keys
   *          of those that have one
   */
  record Late(int messages, List<String> keys, Duration late, Duration ago) {
  }

  static boolean startedLate(Connection connection, String subscription, Late late) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, STARTED_LATE)) {
      statement.setString(1, subscription);
      statement.setInt(2, late.messages());
      statement.setString(3, Statements.interval(late.late()));
      statement.setString(4, Statements.interval(late.ago()));
      Statements.setTexts(statement, 5, late.keys().toArray(String[]::new));
      return statement.execute();
    }
  }

  static boolean renew(Connection connection, String token, Duration lease) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, RENEW)) {
      statement.setString(1, token);
      statement.setString(2, Statements.interval(lease));
      return isTrue(statement);
    }
  }

  static boolean release(Connection connection, String token) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, RELEASE)) {
      statement.setString(1, token);
      return isTrue(statement);
    }
  }

  static <T> Claimed<T> peek(Connection connection, String subscription, int quantity, boolean inFlight, Codec<T> codec)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PEEK)) {
      statement.setString(1, subscription);
      statement.setInt(2, quantity);
      statement.setString(3, Boolean.toString(inFlight));
      try (ResultSet rows = statement.executeQuery()) {
        return Claimed.read(rows, codec);
      }
    }
  }

  static List<PeekedMessage> peekAll(Connection connection, int quantity, boolean inFlight) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PEEK_ALL)) {
      statement.setInt(1, quantity);
      statement.setString(2, Boolean.toString(inFlight));
      List<PeekedMessage> messages = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          messages.add(new PeekedMessage(rows.getString(1),
              Claimed.delivery(rows, Statements.instant(rows.getString(8)), Codec.of(Payload.class))));
        }
      }
      return messages;
    }
  }

  static Optional<Instant> nextLapse(Connection connection, String subscription) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, NEXT_LAPSE)) {
      statement.setString(1, subscription);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.ofNullable(rows.getString(1)).map(Statements::instant) : Optional.empty();
      }
    }
  }

  private static void setClaim(PreparedStatement statement, int from, Request request) throws SQLException {
    statement.setString(from, request.subscription());
    statement.setInt(from + 1, request.quantity());
    statement.setString(from + 2, Statements.interval(request.lease()));
    statement.setString(from + 3, request.owner());
  }

  private static void setSettlement(PreparedStatement statement, Settlement settlement) throws SQLException {
    List<Settlement.Item> items = settlement.items();
    statement.setString(1, settlement.token());
    Statements.setTexts(statement, 2, column(items, item -> Long.toString(item.position())));
    Statements.setTexts(statement, 3, column(items, Settlement.Item::word));
    Statements.setTexts(statement, 4, column(items, Settlement.Item::delay));
    Statements.setTexts(statement, 5, column(items, Settlement.Item::reason));
    Statements.setTexts(statement, 6, column(items, Settlement.Item::error));
    statement.setString(7, settlement.rest());
  }

  private static @Nullable String @Nullable [] column(List<Settlement.Item> items,
      Function<Settlement.Item, @Nullable String> part) {
    if (items.isEmpty()) {
      return null;
    }
    @Nullable
    String[] column = new String[items.size()];
    boolean any = false;
    for (int i = 0; i < column.length; i++) {
      column[i] = part.apply(items.get(i));
      any |= column[i] != null;
    }
    return any ? column : null;
  }

  private static <T> Exchange<T> exchange(PreparedStatement statement, Codec<T> codec) throws SQLException {
    statement.execute();
    List<String> answers = texts(statement);
    statement.getMoreResults();
    try (ResultSet rows = statement.getResultSet()) {
      return new Exchange<>(answers, Claimed.read(rows, codec).with(Notices.permit(statement)));
    }
  }

  private static List<String> texts(PreparedStatement statement) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = statement.getResultSet()) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() && rows.getBoolean(1);
    }
  }
}
