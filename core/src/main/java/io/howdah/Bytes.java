package io.howdah;

import java.util.Arrays;

/**
 * A payload that is not JSON: bytes, delivered as they were published, and what they are. The payload type of
 * {@code howdah.queue(name, Bytes.class)}. Immutable.
 */
public final class Bytes implements Payload {

  private final byte[] content;
  private final String contentType;

  /**
   * A copy of these bytes; none is a payload, too.
   *
   * @param contentType
   *          such as {@code image/png} or {@code text/plain; charset=utf-8}, at most 255 characters
   */
  public Bytes(byte[] content, String contentType) {
    this.content = content.clone();
    this.contentType = Limits.contentType(contentType);
  }

  /** A copy of the bytes. */
  public byte[] content() {
    return content.clone();
  }

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public int size() {
    return content.length;
  }

  @Override
  public String text() {
    throw new HowdahException(ErrorCode.UNDECODABLE,
        "the payload is not JSON but " + this + "; read it with a codec of bytes, such as Codec.of(Bytes.class)");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(content, bytes.content)
        && contentType.equals(bytes.contentType);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(content) + contentType.hashCode();
  }

  /** How many they are and what; never shows them. */
  @Override
  public String toString() {
    return content.length + " bytes of " + contentType;
  }
}
