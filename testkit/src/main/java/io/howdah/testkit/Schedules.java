package io.howdah.testkit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The orders in which sessions with so many steps each can take turns. */
record Schedules(Map<String, Integer> lengths) {

  /** How many there are; Long.MAX_VALUE if more. */
  long count() {
    BigInteger count = BigInteger.ONE;
    int placed = 0;
    for (int length : lengths.values()) {
      for (int i = 1; i <= length; i++) {
        placed++;
        count = count.multiply(BigInteger.valueOf(placed)).divide(BigInteger.valueOf(i));
      }
    }
    return count.bitLength() < Long.SIZE ? count.longValue() : Long.MAX_VALUE;
  }

  /** All of them if there are at most so many, otherwise so many different ones by chance of the seed. */
  Iterable<List<String>> sample(int limit, long seed) {
    if (count() <= limit) {
      List<List<String>> all = new ArrayList<>();
      extend(new ArrayList<>(), all);
      return all;
    }
    Random random = new Random(seed);
    List<String> turns = new ArrayList<>();
    lengths.forEach((session, length) -> turns.addAll(Collections.nCopies(length, session)));
    Set<List<String>> chosen = new LinkedHashSet<>();
    while (chosen.size() < limit) {
      Collections.shuffle(turns, random);
      chosen.add(List.copyOf(turns));
    }
    return chosen;
  }

  private void extend(List<String> begun, List<List<String>> all) {
    boolean complete = true;
    for (Map.Entry<String, Integer> entry : lengths.entrySet()) {
      if (Collections.frequency(begun, entry.getKey()) < entry.getValue()) {
        complete = false;
        begun.add(entry.getKey());
        extend(begun, all);
        begun.removeLast();
      }
    }
    if (complete) {
      all.add(List.copyOf(begun));
    }
  }
}
