package io.howdah.internal.subscription;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a worker: it was closed, or its subscription was dropped. A database that cannot be asked, or another one that
 * does not have the subscription, such as a dump that is being restored or a standby that lagged, is no end but an outage:
 * only the database that was seen to have it can say that it has been dropped.
 */
public final class Ending {

  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  private final Inlet<?> inlet;
  private final CompletableFuture<Void> termination = new CompletableFuture<>();
  private volatile @Nullable HowdahException failure;

  Ending(Inlet<?> inlet) {
    this.inlet = inlet;
  }

  /**
   * Whether a failure is the end, and the first to be it.
   *
   * @param database
   *          the identity of the one that was seen to have the subscription
   */
  boolean comesWith(Throwable e, @Nullable String database) {
    if (failure != null || database == null || !(e instanceof HowdahException known)
        || known.code() != ErrorCode.NOT_FOUND || !isDropped(database)) {
      return false;
    }
    failure = new HowdahException(ErrorCode.NOT_FOUND,
        "the worker of subscription \"" + inlet.subscription() + "\" has ended, because that was dropped: "
            + known.getMessage() + " Start another worker when it is there again.",
        known);
    LOG.warn("the worker of {} ends, because its subscription was dropped: {}", inlet.subscription(),
        known.getMessage());
    return true;
  }

  private boolean isDropped(String database) {
    try {
      return inlet.isDropped(database);
    } catch (HowdahException e) {
      LOG.debug("whether {} was dropped cannot be told now: {}", inlet.subscription(), e.getMessage());
      return false;
    }
  }

  /** Why the worker has ended, or is about to; null: it has not, or was closed. */
  public @Nullable HowdahException failure() {
    return failure;
  }

  /** The worker has ended. */
  void tell() {
    HowdahException reason = failure;
    if (reason == null) {
      termination.complete(null);
    } else {
      termination.completeExceptionally(reason);
    }
  }

  public CompletableFuture<Void> termination() {
    return termination.copy();
  }
}
