package io.howdah;

import io.howdah.internal.wakeup.ChannelEar;

/** A channel that is being listened to, until it is closed. Safe for several threads. */
public final class Channel implements AutoCloseable {

  private final ChannelEar ear;

  Channel(ChannelEar ear) {
    this.ear = ear;
  }

  public String name() {
    return ear.channel();
  }

  /**
   * Whether notifications arrive now: not while the connection is lost, and never
   * through a transaction pooler, see {@link HowdahOptions#listenSource()}.
   */
  public boolean isListening() {
    return ear.isListening();
  }

  /** Ends it; the listener is not called any more once this returns, but for a call that takes longer than 5 s. */
  @Override
  public void close() {
    ear.close();
  }
}
