package io.howdah.testkit;

import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Fills in a test class's database; JUnit closes it after the last test, because it is kept in the class's store. */
final class HowdahExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(HowdahExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == TestDatabase.class || type == TestClock.class || type == DataSource.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    TestDatabase database = database(context);
    Class<?> type = parameter.getParameter().getType();
    if (type == TestClock.class) {
      return database.clock();
    }
    return type == DataSource.class ? database.dataSource() : database;
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
