package io.howdah.internal.wakeup;

/**
 * What limits of a subscription said to a claim.
 *
 * @param paced
 *          whether there is a rate, so that what is claimed is to be started at once
 * @param shared
 *          whether others may have permits when something is settled
 * @param keyed
 *          whether these are permits of keys
 * @param crowded
 *          whether it got less, or nothing, because something has to be settled first
 * @param nanos
 *          how long the rate permits nothing more, at least 1; 0: it is not in the way
 * @param keyNanos
 *          how long until a key that waits for its rate has its turn, at least 1; 0: none is known. Other keys do not
 *          wait for it
 */
public record Permit(boolean paced, boolean shared, boolean keyed, boolean crowded, long nanos, long keyNanos) {

  /** There is no limit in the way. */
  public static final Permit FREE = new Permit(false, false, false, false, 0, 0);

  /** Whether to claim only what can be started at once: others could have the permits of what lies here. */
  public boolean isScarce() {
    return paced || crowded;
  }

  /** Both. */
  public Permit and(Permit other) {
    return new Permit(paced || other.paced, shared || other.shared, keyed || other.keyed, crowded || other.crowded,
        Math.max(nanos, other.nanos), Math.max(keyNanos, other.keyNanos));
  }
}
