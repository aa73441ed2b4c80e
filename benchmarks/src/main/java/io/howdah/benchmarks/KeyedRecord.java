package io.howdah.benchmarks;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One delivery to a handler, as a consumer saw it; times are {@link System#nanoTime()}, which the processes of one machine
 * share.
 */
record KeyedRecord(int key, int publisher, int number, int attempt, long at, long begin, long end) {

  void write(DataOutputStream out) throws IOException {
    out.writeInt(key);
    out.writeInt(publisher);
    out.writeInt(number);
    out.writeInt(attempt);
    out.writeLong(at);
    out.writeLong(begin);
    out.writeLong(end);
  }

  static KeyedRecord read(DataInputStream in) throws IOException {
    return new KeyedRecord(in.readInt(), in.readInt(), in.readInt(), in.readInt(), in.readLong(), in.readLong(),
        in.readLong());
  }

  /** How many first deliveries began before the one before them of their key had ended, or have a lower number. */
  static long reordered(List<KeyedRecord> all) {
    Map<Integer, List<KeyedRecord>> byKey = all.stream().collect(Collectors.groupingBy(KeyedRecord::key));
    long reordered = 0;
    for (List<KeyedRecord> each : byKey.values()) {
      List<KeyedRecord> records = new ArrayList<>(each);
      records.sort(Comparator.comparingLong(KeyedRecord::begin));
      for (int i = 1; i < records.size(); i++) {
        KeyedRecord before = records.get(i - 1);
        KeyedRecord now = records.get(i);
        boolean again = now.attempt > 1;
        reordered += now.begin < before.end || (now.number < before.number && !again) ? 1 : 0;
      }
    }
    return reordered;
  }
}
