package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Publisher;
import io.howdah.Queue;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A role with the rights that the guide gives to one who only publishes can publish in every way, and read nothing. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlainPublisherTest {
  private final TestDatabase database;
  private final PGSimpleDataSource publisher = new PGSimpleDataSource();

  PlainPublisherTest(TestDatabase database) {
    this.database = database;
  }

  /** The first snippet of the guide's part about rights, with a password. */
  private static String grants() throws IOException {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("docs/guide/operations.md"))) {
      directory = directory.getParent();
    }
    String guide = Files.readString(directory.resolve("docs/guide/operations.md"));
    int from = guide.indexOf("```sql\n", guide.indexOf("\nOnly publish:")) + 7;
    return guide.substring(from, guide.indexOf("```", from));
  }

  @BeforeEach
  void aRoleWithExactlyTheseRights() throws IOException {
    database.query(grants());
    database.query("alter role shop_publisher login password 'publish'");
    database.query("""
        select howdah.create_queue('q'), howdah.create_queue('lost'), howdah.create_stream('s'),
          howdah.create_bound_queue('bound', 's', '{x}')""");
    publisher.setUrl(database.url());
    publisher.setUser("shop_publisher");
    publisher.setPassword("publish");
  }

  @AfterEach
  void noSuchRole() {
    database.query("drop owned by shop_publisher; drop role shop_publisher");
  }

  @Test
  void javaPublishes() {
    try (Howdah howdah = Howdah.open(publisher)) {
      Queue<Json> queue = howdah.queue("q");
      queue.publish(new Json("1"));
      queue.publishAll(List.of(new Json("2"), new Json("3")));
      try (Publisher<Json> lanes = queue.publisher()) {
        CompletableFuture<UUID> id = lanes.publish(Message.of(new Json("4")));
        assertThat(id.join()).isNotNull();
      }
    }
    assertThat(database.number("select published from howdah.stats('q')")).isGreaterThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep", "drop", "park"})
  void everyFunctionPublishes(String unroutable) throws Exception {
    database.query(
        "select howdah.alter_stream('s', json_strip_nulls(json_build_object('unroutable', ?::text, 'park_in', ?::text)))",
        unroutable, unroutable.equals("park") ? "lost" : null);
    try (Connection connection = publisher.getConnection()) {
      for (String call : List.of("publish('q', '1', delay => '1 h')", "publish('q', '1', ttl => '1 h')",
          "publish('s', '1', 'y')", "publish('bound', '1')", "publish_many('s', '{1,2}', '{x,y}')",
          "publish_many('q', array(select '1'::text from generate_series(1, 9000)))",
          "publish_batch(gen_random_uuid(), 's', '{1,2}', '{x,y}')", "publish_once('q', '1', 'k')",
          "publish_once('q', '1', 'k')", "publish_many_once('s', '{1,2}', ids => array[gen_random_uuid(), null])",
          "publish_routed('s', '1', 'y')", "route('s', 'x')", "ring('{q}')")) {
        assertThat(Rows.of(connection, "select count(*) from howdah." + call).number()).as(call).isPositive();
      }
      assertThatThrownBy(() -> Rows.of(connection, "select howdah.publish('nowhere', '1')"))
          .hasMessageContaining("\"nowhere\" does not exist");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"peek('q')", "claim('q')", "dead_letters('q')", "scheduled('q')", "purge('q')",
      "drop_queue('q', true)", "create_queue('other')"})
  void itReadsNothingAndChangesNothing(String call) throws Exception {
    try (Connection connection = publisher.getConnection()) {
      assertThatThrownBy(() -> Rows.of(connection, "select howdah." + call)).hasMessageContaining("permission denied");
    }
  }
}
