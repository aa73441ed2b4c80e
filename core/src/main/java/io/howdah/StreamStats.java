package io.howdah;

/**
 * A stream, or the stream of a queue, at one moment.
 *
 * @param stream
 *          its name
 * @param kind
 *          {@code queue} or {@code stream}
 * @param options
 *          what holds for its messages
 * @param published
 *          messages ever published to it
 * @param unroutable
 *          messages that no subscription took, and that were hence dropped or parked
 */
public record StreamStats(String stream, String kind, StreamOptions options, long published, long unroutable) {
}
