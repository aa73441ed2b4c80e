package io.howdah.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * All that schema howdah consists of, but for the bodies of its functions, as one text that is reviewed like code. The same on every
 * PostgreSQL that Howdah supports.
 */
class GoldenCatalogueTest {
  private static final Path GOLDEN = Path.of(System.getProperty("howdah.root"), "engine-tests", "src", "test",
      "resources", "catalogue.txt");
  private static final String REGENERATE = "schema howdah differs from %s; if that is meant, write it anew with: "
      + "mvn -pl engine-tests -am verify -Dtest=GoldenCatalogueTest -Dsurefire.failIfNoSpecifiedTests=false "
      + "-Dhowdah.golden=write, and review the difference";

  @Test
  void onTheNewestPostgresItIsAsReviewed() throws IOException {
    compare(TestServer.shared(), "write".equals(System.getProperty("howdah.golden")));
  }

  @Test
  void onTheOldestPostgresItIsTheSame() throws IOException {
    compare(TestServer.withBinaries(Path.of(System.getProperty("howdah.postgresql15"))), false);
  }

  private static void compare(TestServer server, boolean write) throws IOException {
    try (TestDatabase database = server.createDatabase()) {
      String found = Catalogue.of(database);
      if (write) {
        Files.writeString(GOLDEN, found);
      }
      assertThat(found).as(REGENERATE, GOLDEN.getFileName()).isEqualTo(Files.readString(GOLDEN));
    }
  }
}
