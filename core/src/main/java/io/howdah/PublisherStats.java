package io.howdah;

/**
 * What a publisher has done since it was made.
 *
 * @param published
 *          messages that the database has confirmed
 * @param failed
 *          messages whose future failed
 * @param statements
 *          statements sent; {@code published / statements} is how well
 *          publishes fuse
 * @param pending
 *          messages that wait or are in flight now
 */
public record PublisherStats(long published, long failed, long statements, long pending) {
}
