package io.howdah.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One message of PostgreSQL's wire protocol, after the start-up: a type and a body. */
record WireMessage(char type, byte[] body) {
  static final char SIMPLE_QUERY = 'Q';
  static final char SYNC = 'S';
  static final char FUNCTION_CALL = 'F';
  static final char TERMINATE = 'X';
  static final char READY = 'Z';
  static final char IDLE = 'I';

  /** The next message, or null at the end of the stream. */
  static @Nullable WireMessage read(DataInputStream in) throws IOException {
    int type = in.read();
    if (type < 0) {
      return null;
    }
    byte[] body = new byte[in.readInt() - Integer.BYTES];
    in.readFully(body);
    return new WireMessage((char) type, body);
  }

  /** The first message of a connection has no type: its body begins with a code. */
  static byte[] readStartup(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 2 * Integer.BYTES || length > 10_000) {
      throw new EOFException("not a PostgreSQL client: first length " + length);
    }
    byte[] body = new byte[length - Integer.BYTES];
    in.readFully(body);
    return body;
  }

  static WireMessage of(char type, int... numbers) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(body);
    for (int number : numbers) {
      out.writeInt(number);
    }
    return new WireMessage(type, body.toByteArray());
  }

  static WireMessage of(char type, String... texts) {
    return new WireMessage(type, (String.join("\0", texts) + "\0").getBytes(StandardCharsets.UTF_8));
  }

  void write(DataOutputStream out) throws IOException {
    out.writeByte(type);
    out.writeInt(body.length + Integer.BYTES);
    out.write(body);
  }

  /** Whether the server answers this with exactly one {@link #READY}. */
  boolean asksForReady() {
    return type == SIMPLE_QUERY || type == SYNC || type == FUNCTION_CALL;
  }
}
