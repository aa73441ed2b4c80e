package io.howdah.internal.subscription;

/** Gives messages to a batcher, which answers them later. */
final class CollectCall<T> implements Call<T> {

  private final Batcher<T> batcher;

  CollectCall(Batcher<T> batcher) {
    this.batcher = batcher;
  }

  @Override
  public Feed feed() {
    return Feed.AHEAD;
  }

  @Override
  public void on(Slice<T> slice, Hand hand) {
    for (int i = slice.start(); i >= 0; i = slice.start()) {
      int index = i;
      batcher.add(new Batcher.Entry<>(slice.deliveries().get(index), outcome -> slice.answer(index, outcome)));
    }
  }

  @Override
  public void flush() {
    batcher.flush();
  }

  @Override
  public void stop() {
    batcher.stop();
  }

  @Override
  public void interrupt() {
    batcher.interrupt();
  }
}
