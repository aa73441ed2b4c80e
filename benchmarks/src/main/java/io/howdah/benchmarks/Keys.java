package io.howdah.benchmarks;

import java.util.SplittableRandom;

/**
 * Keys of one publisher's messages, drawn by Zipf's law: the n-th has an n-th of the chances of the first. Each key
 * belongs to one publisher, so the numbers of its messages tell their order. For one thread.
 */
final class Keys {

  private final int publisher;
  private final int publishers;
  private final double[] sums;
  private final SplittableRandom random;

  Keys(int publisher, int publishers, int keys) {
    this.publisher = publisher;
    this.publishers = publishers;
    this.sums = new double[Math.max(1, keys / publishers)];
    this.random = new SplittableRandom(publisher);
    double sum = 0;
    for (int i = 0; i < sums.length; i++) {
      sum += 1.0 / (i + 1);
      sums[i] = sum;
    }
  }

  String next() {
    double point = random.nextDouble(sums[sums.length - 1]);
    int low = 0;
    int high = sums.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sums[middle] > point) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return Integer.toString(low * publishers + publisher);
  }
}
