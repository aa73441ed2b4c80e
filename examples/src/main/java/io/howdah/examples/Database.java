package io.howdah.examples;

import java.util.Objects;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the examples find their broker. */
final class Database {

  private Database() {
  }

  /** The JDBC URL that {@code howdah serve} printed, in the variable {@code HOWDAH_DB}. */
  static DataSource fromEnvironment() {
    // region: data-source
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(Objects.requireNonNull(System.getenv("HOWDAH_DB"), "set HOWDAH_DB to a JDBC URL"));
    // endregion
    return dataSource;
  }
}
