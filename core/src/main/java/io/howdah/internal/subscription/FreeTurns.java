package io.howdah.internal.subscription;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** No message waits for another one. */
final class FreeTurns implements Turns {

  private static final int[] NOTHING = {};

  private final int size;
  private final AtomicInteger next = new AtomicInteger();
  private volatile long startedAt = System.nanoTime();

  FreeTurns(int size) {
    this.size = size;
  }

  @Override
  public int start() {
    if (next.get() >= size) {
      return NONE;
    }
    int index = next.getAndIncrement();
    startedAt = System.nanoTime();
    return index < size ? index : NONE;
  }

  @Override
  public int startNext() {
    return start();
  }

  @Override
  public boolean startAll() {
    startedAt = System.nanoTime();
    return next.compareAndSet(0, size);
  }

  @Override
  public long startedAt() {
    return startedAt;
  }

  @Override
  public int unstarted() {
    return Math.max(0, size - next.get());
  }

  @Override
  public int startable() {
    return unstarted();
  }

  @Override
  public int[] startRest() {
    return IntStream.range(Math.min(size, next.getAndSet(size)), size).toArray();
  }

  @Override
  public int[] startWaiting() {
    return NOTHING;
  }

  @Override
  public int behind(int index) {
    return NONE;
  }

  @Override
  public void answered(int index) {
    // nobody waits
  }

  @Override
  public void skip(int index) {
    throw new IllegalStateException("message " + index + " waits for nobody");
  }
}
