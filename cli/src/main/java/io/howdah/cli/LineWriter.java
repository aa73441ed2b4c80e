package io.howdah.cli;

import io.howdah.Delivery;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** Writes deliveries as JSON lines: the payload as it was published (bytes in base64), or all that is known about the message. */
final class LineWriter implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 16;

  private static final JsonFactory JSON = JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
      .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM).build();
  private final OutputStream out;
  private final boolean envelope;

  LineWriter(OutputStream out, boolean envelope) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.envelope = envelope;
  }

  void write(Delivery<?> delivery) throws IOException {
    if (envelope) {
      writeEnvelope(delivery);
    } else {
      out.write(PayloadText.line(delivery.raw()).getBytes(StandardCharsets.UTF_8));
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

  private void writeEnvelope(Delivery<?> delivery) {
    try (JsonGenerator line = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      write(line, null, delivery);
    }
  }

  /** All that is known about a message of a subscription. */
  static String envelope(String subscription, Delivery<?> delivery) {
    StringWriter text = new StringWriter();
    try (JsonGenerator line = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      write(line, subscription, delivery);
    }
    return text.toString();
  }

  private static void write(JsonGenerator line, @Nullable String subscription, Delivery<?> delivery) {
    line.writeStartObject();
    if (subscription != null) {
      line.writeStringProperty("subscription", subscription);
    }
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
    PayloadText.write(delivery.raw(), line);
    line.writeEndObject();
  }
}
