package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Payload;
import io.howdah.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a line is, and how a batch of lines is published: each part of it as a whole or not at all. */
sealed interface LineFormat {

  /** Messages of one queue that one statement takes; either all of them have a key or an id, or none. */
  record Part(Queue<Payload> queue, List<Message<Payload>> messages, List<Once> onces) {

    /** How many of them were there already. */
    long publish() {
      if (onces.isEmpty()) {
        queue.publishAllMessages(messages);
        return 0;
      }
      return queue.publishAllOnce(messages, onces).stream().filter(published -> published.duplicate()).count();
    }
  }

  /** The parts of a batch, in its order. */
  List<Part> parts(List<String> lines);

  /**
   * Each line is a payload, with what the options say.
   *
   * @param once
   *          by what a message is known of whose line this is said: all by the same, so that one is published, or each by its
   *          own; null: nothing
   */
  record Payloads(Queue<Payload> queue, Message<Payload> template, LineFields fields,
      Function<LineFields.Values, @Nullable Once> once) implements LineFormat {

    @Override
    public List<Part> parts(List<String> lines) {
      List<Message<Payload>> messages = new ArrayList<>();
      List<Once> onces = new ArrayList<>();
      for (String line : lines) {
        LineFields.Values values = fields.values(line);
        messages.add(fields.apply(message(line), values));
        Once known = once.apply(values);
        if (known != null) {
          onces.add(known);
        }
      }
      return List.of(new Part(queue, messages, onces));
    }

    private Message<Payload> message(String line) {
      return new Message<>(new Json(line), template.topic(), template.key(), template.headers(), template.delay(),
          template.due(), template.timeToLive());
    }
  }

  /**
   * Each line is a whole message.
   *
   * @param queue
   *          where all of them go; null: each says it
   */
  record Envelopes(Howdah howdah, @Nullable String queue) implements LineFormat {

    @Override
    public List<Part> parts(List<String> lines) {
      List<EnvelopeLine> envelopes = new ArrayList<>();
      for (String line : lines) {
        try {
          envelopes.add(EnvelopeLine.parse(line));
        } catch (HowdahException e) {
          throw new HowdahException(e.code(), "message " + (envelopes.size() + 1) + " of the batch: " + e.getMessage()
              + "; nothing of it was published", e);
        }
      }
      List<Part> parts = new ArrayList<>();
      for (int from = 0, to; from < envelopes.size(); from = to) {
        to = from + 1;
        while (to < envelopes.size() && together(envelopes.get(from), envelopes.get(to))) {
          to++;
        }
        parts.add(part(envelopes.subList(from, to)));
      }
      return parts;
    }

    private static boolean together(EnvelopeLine one, EnvelopeLine other) {
      return Objects.equals(one.stream(), other.stream()) && (one.once() == null) == (other.once() == null);
    }

    private Part part(List<EnvelopeLine> envelopes) {
      String name = queue == null ? envelopes.getFirst().stream() : queue;
      if (name == null) {
        throw new HowdahException(ErrorCode.INVALID,
            "a message does not say its stream; name the queue on the command line");
      }
      return new Part(howdah.queue(name, Payload.class), envelopes.stream().map(EnvelopeLine::message).toList(),
          envelopes.stream().map(EnvelopeLine::once).filter(Objects::nonNull).toList());
    }
  }
}
