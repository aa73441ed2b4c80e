package io.howdah;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How a {@link Howdah} publishes. The defaults are {@linkplain Knob knobs}.
 *
 * @param requireTransaction
 *          whether publishing outside of the caller's transaction is refused: only {@code in(connection)} works, with
 *          auto-commit off, and there are no publishers; so no message can exist without the data that it tells of.
 *          Default false
 * @param createQueues
 *          whether publishing by the handle of a {@link Queue} makes the queue if there is none, in the caller's
 *          transaction if there is one; default true. Streams are never made by use
 * @param spillDirectory
 *          where publishers keep what they could not publish, see {@link SpillFile}; made when it is needed; default
 *          {@code howdah-spill} in the working directory
 */
public record PublishRules(boolean requireTransaction, boolean createQueues, Path spillDirectory) {

  public PublishRules {
    Objects.requireNonNull(spillDirectory, "spillDirectory");
  }

  public static PublishRules defaults() {
    return new PublishRules(Knob.REQUIRE_TRANSACTION.flag(), Knob.CREATE_QUEUES.flag(), Knob.SPILL_DIRECTORY.path());
  }

  public PublishRules withRequireTransaction(boolean newRequireTransaction) {
    return new PublishRules(newRequireTransaction, createQueues, spillDirectory);
  }

  public PublishRules withCreateQueues(boolean newCreateQueues) {
    return new PublishRules(requireTransaction, newCreateQueues, spillDirectory);
  }

  public PublishRules withSpillDirectory(Path newSpillDirectory) {
    return new PublishRules(requireTransaction, createQueues, newSpillDirectory);
  }
}
