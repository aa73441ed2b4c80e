package io.howdah;

/**
 * A message that somebody has looked at and not taken, see {@link Howdah#peekAll}.
 *
 * @param subscription
 *          the queue or subscription that it waits in
 * @param delivery
 *          the message, as it would be delivered
 */
public record PeekedMessage(String subscription, Delivery<Payload> delivery) {
}
