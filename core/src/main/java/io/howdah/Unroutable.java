package io.howdah;

import java.util.Objects;

/** What a stream does with a message that none of its subscriptions takes when it is published. */
public sealed interface Unroutable {

  /** It stays in the stream, for subscriptions that come later. The default. */
  record Keep() implements Unroutable {
  }

  /** The publish fails with {@link ErrorCode#UNROUTABLE}, and nothing of its statement is stored. */
  record Refuse() implements Unroutable {
  }

  /** It is counted ({@link StreamStats#unroutable()}) and not stored. */
  record Drop() implements Unroutable {
  }

  /**
   * It is counted, and goes to another queue, with a header {@code unroutable} that names the stream.
   *
   * @param queue
   *          the name of a queue or stream that exists
   */
  record Park(String queue) implements Unroutable {
    public Park {
      Objects.requireNonNull(queue, "queue");
      Limits.name("queue", queue);
    }
  }
}
