package io.howdah.internal.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connection that a transactional handler gets. Each call through it, and
 * through the statements and results that come from it, is one in which the
 * thread is not interrupted. What would end the transaction or change the
 * session is refused: Howdah settles in this transaction and commits it.
 */
public final class HandlerConnection implements InvocationHandler {

  private static final Set<String> REFUSED = Set.of("commit", "rollback", "setAutoCommit", "abort", "setReadOnly",
      "setTransactionIsolation", "setNetworkTimeout", "setHoldability");
  private static final List<Class<?>> FOLLOWED = List.of(CallableStatement.class, PreparedStatement.class,
      Statement.class, ResultSet.class);

  private final Object target;
  private final Connection connection;
  private final Stoppable thread;

  private HandlerConnection(Object target, Connection connection, Stoppable thread) {
    this.target = target;
    this.connection = connection;
    this.thread = thread;
  }

  public static Connection over(Connection connection, Stoppable thread) {
    return (Connection) proxy(Connection.class, connection, connection, thread);
  }

  private static Object proxy(Class<?> type, Object target, Connection connection, Stoppable thread) {
    return Proxy.newProxyInstance(
        type.getClassLoader() == null ? ClassLoader.getPlatformClassLoader() : type.getClassLoader(),
        new Class<?>[]{type}, new HandlerConnection(target, connection, thread));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
    if (target instanceof Connection) {
      if (method.getName().equals("close")) {
        return null;
      }
      boolean toSavepoint = arguments != null && arguments.length == 1 && arguments[0] instanceof Savepoint;
      if (REFUSED.contains(method.getName()) && !toSavepoint) {
        throw new SQLException(
            "a transactional handler may not call " + method.getName()
                + "(): Howdah settles the message in this transaction and commits it when the handler has answered",
            "0A000");
      }
    } else if (method.getName().equals("getConnection")) {
      return over(connection, thread);
    }
    thread.enter(connection);
    try {
      Object result = method.invoke(target, arguments);
      return method.getName().equals("unwrap") ? result : followed(result);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    } finally {
      thread.leave();
    }
  }

  private @Nullable Object followed(@Nullable Object result) {
    for (Class<?> type : FOLLOWED) {
      if (type.isInstance(result)) {
        return proxy(type, result, connection, thread);
      }
    }
    return result;
  }
}
