package io.howdah.cli;

import io.howdah.ArchivedMessage;
import io.howdah.DeadLetter;
import io.howdah.Message;
import io.howdah.Payload;
import java.io.StringWriter;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A letter as one line of JSON; its payload as it was published, but for line breaks. */
final class LetterText {

  private static final JsonFactory JSON = JsonFactory.builder().build();

  private LetterText() {
  }

  static String json(DeadLetter letter) {
    StringWriter text = new StringWriter();
    try (JsonGenerator line = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      line.writeStartObject();
      line.writeNumberProperty("no", letter.number());
      line.writeStringProperty("subscription", letter.subscription());
      line.writeStringProperty("id", letter.id().toString());
      line.writeNumberProperty("attempts", letter.failure().attempts());
      line.writeStringProperty("reason", letter.failure().reason());
      line.writeStringProperty("error", letter.failure().error());
      line.writeStringProperty("first_failed_at", letter.failure().first().toString());
      line.writeStringProperty("failed_at", letter.failure().last().toString());
      line.writeStringProperty("published_at", letter.publishedAt().toString());
      message(line, letter.message());
      line.writeEndObject();
    }
    return text.toString();
  }

  static String json(ArchivedMessage archived) {
    StringWriter text = new StringWriter();
    try (JsonGenerator line = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      line.writeStartObject();
      line.writeNumberProperty("no", archived.number());
      line.writeStringProperty("subscription", archived.subscription());
      line.writeStringProperty("id", archived.id().toString());
      line.writeNumberProperty("attempts", archived.attempts());
      line.writeStringProperty("archived_at", archived.archivedAt().toString());
      line.writeStringProperty("published_at", archived.publishedAt().toString());
      message(line, archived.message());
      line.writeEndObject();
    }
    return text.toString();
  }

  private static void message(JsonGenerator line, Message<Payload> message) {
    line.writeStringProperty("topic", message.topic());
    line.writeStringProperty("key", message.key());
    line.writeObjectPropertyStart("headers");
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      line.writeStringProperty(header.getKey(), header.getValue());
    }
    line.writeEndObject();
    PayloadText.write(message.payload(), line);
  }
}
