package io.howdah;

/**
 * A fixed part of a stream: the {@code number}th of {@code count}. A message
 * belongs to the part of its key, or if it has none, of its id, and to no other.
 *
 * @param number
 *          1 to {@code count}
 * @param count
 *          1 to 9,999
 */
public record Partition(int number, int count) {

  public Partition {
    Limits.between("count", count, 1, 9_999);
    Limits.between("number", number, 1, count);
  }

  public static Partition of(int number, int count) {
    return new Partition(number, count);
  }
}
