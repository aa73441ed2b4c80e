package io.howdah;

/**
 * Where {@link Operations#seek} has put a subscription.
 *
 * @param position
 *          the next position that it gets
 * @param replayed
 *          how many positions it went back over, 0 if it went forward
 * @param skipped
 *          how many messages that waited will not come: those that it went
 *          forward over, whether they were for it or not, and those that were given up
 */
public record SeekResult(long position, long replayed, long skipped) {
}
