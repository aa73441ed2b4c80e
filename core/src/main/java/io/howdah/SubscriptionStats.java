package io.howdah;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A subscription in numbers, at one moment.
 *
 * @param subscription
 *          its name
 * @param stream
 *          the stream that it reads
 * @param kind
 *          {@code queue} or {@code subscription}
 * @param ready
 *          messages that wait
 * @param inFlight
 *          messages under a lease
 * @param scheduled
 *          messages that are not due yet
 * @param dead
 *          dead letters
 * @param published
 *          messages ever published to the stream
 * @param oldestReady
 *          when the oldest waiting message was published, or null
 * @param discarded
 *          messages that were given up after their last attempt and not kept, as
 *          the {@link RetryPolicy} says
 * @param blocked
 *          messages of an ordered subscription that wait behind one of their key
 *          that failed, itself included
 * @param expired
 *          messages whose time to live was over before they could be handed out
 * @param archived
 *          messages that were handled and kept
 * @param newest
 *          when the newest message of the stream was published, or null if it is not there any more
 */
public record SubscriptionStats(String subscription, String stream, String kind, long ready, long inFlight,
    long scheduled, long dead, long published, @Nullable Instant oldestReady, long discarded, long blocked,
    long expired, long archived, @Nullable Instant newest) {
}
