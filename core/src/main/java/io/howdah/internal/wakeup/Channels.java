package io.howdah.internal.wakeup;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** The application's own channels on the listening connection. Safe for several threads. */
final class Channels {

  private final List<ChannelEar> ears = new CopyOnWriteArrayList<>();

  void add(ChannelEar ear) {
    ears.add(ear);
  }

  void remove(ChannelEar ear) {
    ears.remove(ear);
  }

  boolean isEmpty() {
    return ears.isEmpty();
  }

  /** The names of the channels that somebody wants to hear. */
  Set<String> wanted() {
    Set<String> names = new HashSet<>();
    ears.forEach(ear -> names.add(ear.channel()));
    return names;
  }

  void heard(String channel, String payload) {
    for (ChannelEar ear : ears) {
      if (ear.channel().equals(channel)) {
        ear.heard(payload);
      }
    }
  }

  /** Whether there is one who does not know yet that he is heard. */
  boolean hasNew() {
    return ears.stream().anyMatch(ear -> !ear.isListening());
  }

  /** From here on these are heard; who knew it is not told again. */
  void listening(Collection<String> channels) {
    for (ChannelEar ear : ears) {
      if (!ear.isListening() && channels.contains(ear.channel())) {
        ear.listening();
      }
    }
  }

  /** From here on none is heard. */
  void deaf() {
    ears.forEach(ChannelEar::deaf);
  }

  void close() {
    ears.forEach(ChannelEar::close);
  }
}
