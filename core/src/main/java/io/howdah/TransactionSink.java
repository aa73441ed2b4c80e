package io.howdah;

import io.howdah.internal.stream.Outlet;
import java.sql.Connection;
import java.util.List;
import java.util.UUID;

/**
 * The verbs of a sink in the caller's transaction: what is published exists if,
 * and only if, it commits.
 */
final class TransactionSink<T> implements MessageSink<T> {

  private final Outlet<T> outlet;
  private final Connection connection;

  TransactionSink(Outlet<T> outlet, Connection connection) {
    this.outlet = outlet;
    this.connection = connection;
  }

  @Override
  public UUID publish(Message<T> message) {
    return outlet.publish(connection, message);
  }

  @Override
  public Receipt publishRouted(Message<T> message) {
    return outlet.publishRouted(connection, message);
  }

  @Override
  public List<UUID> publishAllMessages(List<Message<T>> messages) {
    return outlet.publish(connection, messages);
  }

  @Override
  public List<Published> publishAllOnce(List<Message<T>> messages, List<Once> onces) {
    Limits.paired(messages, onces);
    return outlet.publishOnce(connection, messages, onces);
  }

  @Override
  public Published publishOnce(Message<T> message, Once once) {
    return outlet.publishOnce(connection, message, once);
  }
}
