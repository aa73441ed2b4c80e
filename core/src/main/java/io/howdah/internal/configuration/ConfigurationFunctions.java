package io.howdah.internal.configuration;

import io.howdah.FleetSetting;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The functions that know and keep the settings of the fleet. */
public final class ConfigurationFunctions {

  private static final String CONFIGURE = """
      select howdah.configure(?, ?)""";
  private static final String CONFIGURATION = """
      select name, value, standard, configured, meaning from howdah.configuration()""";

  private final Connections connections;

  public ConfigurationFunctions(Connections connections) {
    this.connections = connections;
  }

  /** A value of null is the default again; the value as it is kept. */
  public String configure(String name, @Nullable String value) {
    return connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, CONFIGURE)) {
        statement.setString(1, name);
        statement.setString(2, value);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          return rows.getString(1);
        }
      }
    });
  }

  public List<FleetSetting> list() {
    return connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, CONFIGURATION);
          ResultSet rows = statement.executeQuery()) {
        List<FleetSetting> settings = new ArrayList<>();
        while (rows.next()) {
          settings.add(new FleetSetting(rows.getString(1), rows.getString(2), rows.getString(3), rows.getBoolean(4),
              rows.getString(5)));
        }
        return settings;
      }
    });
  }
}
