package io.howdah.internal.codec;

import io.howdah.Bytes;
import io.howdah.Json;
import io.howdah.Payload;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Payloads as functions of the database return them. */
public final class Payloads {

  private Payloads() {
  }

  /** The payload of a row: JSON in one column, or else bytes in another and their content type after it. */
  public static Payload read(ResultSet row, int json, int body) throws SQLException {
    String text = row.getString(json);
    return text != null ? new Json(text) : new Bytes(row.getBytes(body), row.getString(body + 1));
  }
}
