package io.howdah.testkit;

import io.howdah.Howdah;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Fills in a test class's database; JUnit closes it after the last test, because it is kept in the class's store. */
final class HowdahExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(HowdahExtension.class);

  private static final Map<Class<?>, Function<TestDatabase, Object>> PARAMETERS = Map.of(TestDatabase.class,
      database -> database, TestClock.class, TestDatabase::clock, TestBroker.class, TestDatabase::broker, Howdah.class,
      database -> database.broker().howdah(), DataSource.class, TestDatabase::dataSource);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return PARAMETERS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return Objects.requireNonNull(PARAMETERS.get(parameter.getParameter().getType())).apply(database(context));
  }

  /** The store belongs to the outermost test class, so that nested classes share its database. */
  private static TestDatabase database(ExtensionContext context) {
    ExtensionContext classContext = context;
    while (classContext.getParent().filter(parent -> parent.getTestClass().isPresent()).isPresent()) {
      classContext = classContext.getParent().orElseThrow();
    }
    return classContext.getStore(NAMESPACE).computeIfAbsent(TestDatabase.class,
        key -> TestServer.shared().createDatabase(), TestDatabase.class);
  }
}
