package io.howdah.testkit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Whoever was acknowledged before another message of its key was attempted stands before it. */
final class PublishOrder {
  private PublishOrder() {
  }

  /** Names each message that stands before one that it has to stand behind. Keys are few, their messages are many. */
  static void check(Collection<Publication> publications, BiConsumer<String, String> complain) {
    Map<String, List<Publication>> byKey = new HashMap<>();
    for (Publication publication : publications) {
      String key = publication.key();
      if (key != null && publication.position() > 0) {
        byKey.computeIfAbsent(key, name -> new ArrayList<>()).add(publication);
      }
    }
    byKey.values().forEach(messages -> checkKey(messages, complain));
  }

  private static void checkKey(List<Publication> messages, BiConsumer<String, String> complain) {
    List<Publication> byAttempt = new ArrayList<>(messages);
    byAttempt.sort(Comparator.comparingInt(Publication::attemptedAt));
    List<Publication> byAnswer = new ArrayList<>(messages);
    byAnswer.sort(Comparator.comparingInt(Publication::acknowledgedAt));
    int answered = 0;
    @Nullable
    Publication highest = null;
    for (Publication publication : byAttempt) {
      while (byAnswer.get(answered).acknowledgedAt() < publication.attemptedAt()) {
        Publication earlier = byAnswer.get(answered++);
        highest = highest == null || earlier.position() > highest.position() ? earlier : highest;
      }
      if (highest != null && highest.position() > publication.position()) {
        complain.accept(publication.message(), "has position %d, but %s, acknowledged before it was attempted, has %d"
            .formatted(publication.position(), highest.message(), highest.position()));
      }
    }
  }
}
