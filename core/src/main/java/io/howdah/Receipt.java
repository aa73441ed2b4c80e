package io.howdah;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who takes a message that was published.
 *
 * @param id
 *          its id
 * @param subscriptions
 *          the names of the subscriptions that take it
 * @param unroutable
 *          where there are none, what the stream did with it; else null
 */
public record Receipt(UUID id, List<String> subscriptions, @Nullable Unroutable unroutable) {

  public Receipt {
    subscriptions = List.copyOf(subscriptions);
  }
}
