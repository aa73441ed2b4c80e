package io.howdah.cli;

import io.howdah.Delivery;
import io.howdah.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** Writes deliveries as JSON lines: the payload as it was published, or all that is known about the message. */
final class LineWriter implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final JsonFactory json = JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
      .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM).build();
  private final OutputStream out;
  private final boolean envelope;

  LineWriter(OutputStream out, boolean envelope) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.envelope = envelope;
  }

  void write(Delivery<Json> delivery) throws IOException {
    String payload = onOneLine(delivery.rawPayload());
    if (envelope) {
      writeEnvelope(delivery, payload);
    } else {
      out.write(payload.getBytes(StandardCharsets.UTF_8));
    }
    out.write('\n');
  }

  void flush() throws IOException {
    out.flush();
  }

  /** Closes without a flush: what has not been flushed is not settled, and must not appear. */
  @Override
  public void close() {
  }

  /** A line break in JSON text can only stand between tokens, where a space means the same. */
  private static String onOneLine(String payload) {
    return payload.indexOf('\n') < 0 && payload.indexOf('\r') < 0
        ? payload
        : payload.replace('\n', ' ').replace('\r', ' ');
  }

  private void writeEnvelope(Delivery<Json> delivery, String payload) throws IOException {
    try (JsonGenerator line = json.createGenerator(ObjectWriteContext.empty(), out)) {
      line.writeStartObject();
      line.writeStringProperty("id", delivery.id().toString());
      line.writeNumberProperty("position", delivery.position());
      line.writeNumberProperty("attempt", delivery.attempt());
      line.writeStringProperty("topic", delivery.topic());
      line.writeStringProperty("key", delivery.key());
      line.writeObjectPropertyStart("headers");
      for (Map.Entry<String, String> header : delivery.headers().entrySet()) {
        line.writeStringProperty(header.getKey(), header.getValue());
      }
      line.writeEndObject();
      line.writeStringProperty("published_at", delivery.publishedAt().toString());
      line.writeName("payload");
      line.writeRawValue(payload);
      line.writeEndObject();
    }
  }
}
