package io.howdah.cli;

import io.howdah.HowdahException;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Payload;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** What a message has that its payload says, as options of a command: each line for itself. */
final class LineFields {

  private static final String PATH = "A member of the payload, or a.b for one inside of another: a text or a number, which every line has.";

  @Option(names = "--key-field", paramLabel = "NAME", description = "The key of each message. " + PATH)
  private @Nullable String key;

  @Option(names = "--topic-field", paramLabel = "NAME", description = "The topic of each message. " + PATH)
  private @Nullable String topic;

  @Option(names = "--once-field", paramLabel = "NAME", description = "The deduplication key of each message, see --once. "
      + PATH)
  private @Nullable String once;

  /** What the payload of a line says. */
  record Values(@Nullable String key, @Nullable String topic, @Nullable String once) {
  }

  boolean isGiven() {
    return key != null || topic != null || once != null;
  }

  boolean hasKey() {
    return key != null;
  }

  boolean hasTopic() {
    return topic != null;
  }

  boolean hasOnce() {
    return once != null;
  }

  /** What is wrong with a line, which is JSON. */
  Optional<String> complaint(String line) {
    if (!isGiven()) {
      return Optional.empty();
    }
    try {
      Values values = values(line);
      Message.of(line).withKey(values.key).withTopic(values.topic);
      if (values.once != null) {
        Once.key(values.once);
      }
      return Optional.empty();
    } catch (HowdahException | IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** A message with what the line says of it. */
  Message<Payload> apply(Message<Payload> message, Values values) {
    Message<Payload> keyed = key == null ? message : message.withKey(values.key);
    return topic == null ? keyed : keyed.withTopic(values.topic);
  }

  Values values(String line) {
    if (!isGiven()) {
      return new Values(null, null, null);
    }
    JsonNode node = EnvelopeLine.MAPPER.readTree(line);
    return new Values(value(node, key), value(node, topic), value(node, once));
  }

  private static @Nullable String value(JsonNode payload, @Nullable String path) {
    if (path == null) {
      return null;
    }
    JsonNode node = payload;
    for (String name : path.split("\\.", -1)) {
      node = node.path(name);
    }
    if (!node.isString() && !node.isNumber()) {
      throw new IllegalArgumentException("it has no text or number \"" + path + "\"");
    }
    return node.asString();
  }
}
