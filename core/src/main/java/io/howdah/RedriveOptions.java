package io.howdah;

import org.jspecify.annotations.Nullable;

/**
 * How dead letters are sent again.
 *
 * @param batch
 *          most letters of one transaction, 1 to 10,000; default 1,000
 * @param target
 *          the queue or stream that they are sent to; null: back to their own
 *          subscription, and nobody else
 * @param perSecond
 *          most letters in a second, 0.001 to 1,000,000; null: as fast as it goes
 */
public record RedriveOptions(int batch, @Nullable String target, @Nullable Double perSecond) {

  private static final RedriveOptions DEFAULTS = new RedriveOptions(1_000, null, null);

  public RedriveOptions {
    Limits.quantity("batch", batch);
    if (target != null) {
      Limits.name("target", target);
    }
    if (perSecond != null && !(perSecond >= 0.001 && perSecond <= 1_000_000)) {
      throw Limits.invalid("perSecond must be between 0.001 and 1000000 but was " + perSecond);
    }
  }

  public static RedriveOptions defaults() {
    return DEFAULTS;
  }

  public RedriveOptions withBatch(int newBatch) {
    return new RedriveOptions(newBatch, target, perSecond);
  }

  public RedriveOptions withTarget(String newTarget) {
    return new RedriveOptions(batch, newTarget, perSecond);
  }

  public RedriveOptions withPerSecond(double newPerSecond) {
    return new RedriveOptions(batch, target, newPerSecond);
  }
}
