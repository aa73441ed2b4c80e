package io.howdah.engine.faults;

import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.schema.Schema;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A role that may log on and create a schema in its database, and nothing else, installs and runs all of it. */
class PlainOwnerTest {
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final TestDatabase database = TestServer.shared().createEmptyDatabase();

  @AfterEach
  void dropDatabase() {
    database.query("drop owned by plain_owner; drop role plain_owner");
    database.close();
  }

  private DataSource plainOwner() {
    database.query("create role plain_owner login password 'plain' nosuperuser nocreatedb nocreaterole");
    database.query("grant create on database " + database.name() + " to plain_owner");
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(database.url());
    dataSource.setUser("plain_owner");
    dataSource.setPassword("plain");
    return dataSource;
  }

  @Test
  void everythingWorksWithoutASuperuser() throws SQLException {
    DataSource owner = plainOwner();
    Schema.of(owner).install();
    Schema.of(owner).install();
    assertThat(Schema.of(owner).verify().isClean()).isTrue();
    try (Howdah howdah = Howdah.open(owner)) {
      Queue<Json> queue = howdah.queue("jobs").create();
      queue.publishAll(List.of(new Json("1"), new Json("2"), new Json("3")));
      queue.publish(Message.of(new Json("4")).withDelay(Duration.ofMinutes(5)));
      Batch<Json> batch = queue.claim(10, LEASE);
      List<Delivery<Json>> deliveries = batch.deliveries();
      batch.renew();
      batch.settle(Outcomes.done().except(deliveries.get(0), retryIn(Duration.ZERO, "again")).except(deliveries.get(1),
          reject("broken")));
      assertThat(queue.claim(10, LEASE).deliveries()).extracting(Delivery::rawPayload, Delivery::attempt)
          .containsExactly(tuple("1", 2));
      assertThat(queue.stats().scheduled()).isEqualTo(1);
      assertThat(queue.stats().dead()).isEqualTo(1);
      try (Connection connection = owner.getConnection()) {
        Rows.of(connection, "select howdah.housekeep()");
        assertThat(Rows.of(connection, "select howdah.mark_sleeping('jobs', gen_random_uuid(), '1 s')").number())
            .isPositive();
        assertThat(Rows.of(connection, "select howdah.ring('{jobs}')").number()).isEqualTo(1);
      }
      assertThat(queue.drop(true)).isTrue();
    }
    Schema.of(owner).uninstall(true);
  }
}
