package io.howdah.benchmarks;

import java.util.List;

/**
 * What is measured: a fresh queue of Howdah, or the hand-written minimum. Closing it stops its consumers and removes the
 * queue.
 */
interface Peer extends AutoCloseable {

  /** For one publisher. */
  interface Sender extends AutoCloseable {

    /** Returns when they are stored. */
    void send(List<String> payloads);

    @Override
    void close();
  }

  /** Opens a way to publish. */
  Sender sender();

  /** Opens a way to publish for many callers of single messages, which may leave together over this many connections. */
  Sender fusedSender(int lanes);

  /** Starts consumers of a group, from 0, that take at most {@code fetch} messages at once. */
  void consume(int group, int consumers, int fetch, Ledger ledger);

  /** Messages that the slowest group has settled; a rough figure while consumers work. */
  long settled();

  /** Stops all consumers when they have settled what they have. */
  void stop();

  /** What the consumers have to say about what went wrong, or an empty text. */
  String complaints();

  /** Which order the consumers of a group can rely on. */
  Ledger.Order order(int consumers);

  @Override
  void close();
}
