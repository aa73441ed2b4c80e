package io.howdah;

import io.howdah.internal.configuration.ConfigurationFunctions;
import java.util.List;
import java.util.Objects;

/**
 * What is set in the database, for the whole fleet; it holds at once, without a
 * restart. What is set for one process is a {@link Knob}. Costs nothing, safe
 * for several threads.
 */
public final class Configuration {

  private final ConfigurationFunctions functions;

  Configuration(ConfigurationFunctions functions) {
    this.functions = functions;
  }

  /** All settings, by name. */
  public List<FleetSetting> list() {
    return functions.list();
  }

  /**
   * Sets one, for example {@code segment_size} to {@code 256 MB}; the value as it is kept.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if there is no such setting, or the value cannot be
   */
  public String set(String name, String value) {
    return functions.configure(name, Objects.requireNonNull(value, "value"));
  }

  /**
   * Sets one to its default again, and returns that.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if there is no such setting
   */
  public String reset(String name) {
    return functions.configure(name, null);
  }
}
