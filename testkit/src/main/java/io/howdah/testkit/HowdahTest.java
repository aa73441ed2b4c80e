package io.howdah.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a database of its own, with the schema installed. Parameters of type {@link TestDatabase}, {@link TestBroker},
 * {@link io.howdah.Howdah}, {@link TestClock} and {@link javax.sql.DataSource} of constructors and test methods are filled in; all of one class are of the same database.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(HowdahExtension.class)
public @interface HowdahTest {
}
