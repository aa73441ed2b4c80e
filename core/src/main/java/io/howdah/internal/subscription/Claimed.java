package io.howdah.internal.subscription;

import io.howdah.Codec;
import io.howdah.Delivery;
import io.howdah.Envelope;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.codec.Payloads;
import io.howdah.internal.jdbc.Statements;
import io.howdah.internal.wakeup.Permit;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One slice as it was claimed: a token and its messages in order of position;
 * no token if there are none, or they are settled.
 *
 * @param permit
 *          what limits of the subscription said
 */
public record Claimed<T>(@Nullable String token, List<Delivery<T>> deliveries, Permit permit) {

  public Claimed(@Nullable String token, List<Delivery<T>> deliveries) {
    this(token, deliveries, Permit.FREE);
  }

  Claimed<T> with(Permit newPermit) {
    return new Claimed<>(token, deliveries, newPermit);
  }

  /** Reads the columns of {@link SubscriptionFunctions#CLAIM}. */
  static <T> Claimed<T> read(ResultSet rows, Codec<T> codec) throws SQLException {
    String token = null;
    List<Delivery<T>> deliveries = new ArrayList<>();
    String lastText = "";
    Instant lastInstant = Instant.EPOCH;
    while (rows.next()) {
      if (token == null) {
        token = rows.getString(1);
      }
      String publishedAt = rows.getString(8);
      if (!publishedAt.equals(lastText)) { // all of one publish statement have the same
        lastText = publishedAt;
        lastInstant = Statements.instant(publishedAt);
      }
      deliveries.add(delivery(rows, lastInstant, codec));
    }
    return new Claimed<>(token, deliveries);
  }

  /** One row of these columns. */
  static <T> Delivery<T> delivery(ResultSet row, Instant publishedAt, Codec<T> codec) throws SQLException {
    Envelope envelope = new Envelope(UUID.fromString(row.getString(3)), row.getLong(2), row.getInt(9), row.getString(4),
        row.getString(5), HeaderText.decode(row.getString(6)), publishedAt);
    return new Delivery<>(envelope, Payloads.read(row, 7, 10), codec);
  }

  /** Characters, or bytes, of payload, for the size of the next claim. */
  long payloadLength() {
    long length = 0;
    for (Delivery<T> delivery : deliveries) {
      length += delivery.raw().size();
    }
    return length;
  }
}
