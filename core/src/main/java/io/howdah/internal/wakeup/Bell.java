package io.howdah.internal.wakeup;
public final class Bell {
  public void committed(String stream) {
  }
  public void maybeCommitted(String stream) {
  }
}
