package io.howdah;

import java.util.List;

/**
 * A subscription that would get a message, and why.
 *
 * @param subscription its name
 * @param patterns its patterns that match; empty if it takes everything, or for a direct message
 * @param why for people
 */
public record Route(String subscription, List<String> patterns, String why) {

  public Route {
    patterns = List.copyOf(patterns);
  }
}
