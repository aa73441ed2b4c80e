package io.howdah.engine.client;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What one logger is told from INFO on, as {@code LEVEL message}, while this is open. */
final class Logged implements AutoCloseable {

  private final Logger logger;
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  private Logged(Logger logger) {
    this.logger = logger;
  }

  static Logged by(String name) {
    Logged logged = new Logged((Logger) LoggerFactory.getLogger(name));
    logged.appender.start();
    logged.logger.setLevel(Level.INFO);
    logged.logger.addAppender(logged.appender);
    return logged;
  }

  /** How many lines there are. */
  int count() {
    return appender.list.size();
  }

  /** Stops, and returns what was told that contains the text. */
  List<String> about(String text) {
    close();
    return appender.list.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .filter(line -> line.contains(text)).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setLevel(null);
    appender.stop();
  }
}
