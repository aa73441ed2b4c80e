package io.howdah;

/**
 * What a message carries, as it is stored: {@link Json} text, or {@link Bytes} of a content type. A queue of this type,
 * {@code howdah.queue(name, Payload.class)}, takes and delivers both.
 */
public sealed interface Payload permits Json, Bytes {

  /**
   * The JSON text.
   *
   * @throws HowdahException
   *           {@link ErrorCode#UNDECODABLE} if these are bytes
   */
  String text();

  /** What it is: {@code application/json}, or the content type that bytes were published with. */
  String contentType();

  /** Its characters, or its bytes. */
  int size();
}
