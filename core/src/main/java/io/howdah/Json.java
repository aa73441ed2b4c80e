package io.howdah;

import java.util.Objects;

/**
 * A payload that is JSON text already: published byte for byte, delivered as it
 * was published. The payload type of {@link Howdah#queue(String)}.
 *
 * @param text
 *          any JSON value; the database refuses text that is not JSON with
 *          {@link ErrorCode#INVALID}
 */
public record Json(String text) implements Payload {

  public Json {
    Objects.requireNonNull(text, "text");
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public int size() {
    return text.length();
  }

  @Override
  public String toString() {
    return text;
  }
}
