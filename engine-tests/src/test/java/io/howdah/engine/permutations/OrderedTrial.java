package io.howdah.engine.permutations;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.Permutations;
import io.howdah.testkit.Permutations.Plan;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One schedule's ordered queue. Its messages are a1, a2, b1 and so on: key and number. Whatever comes out must be the next
 * of its key, and no key may be in two hands.
 */
public final class OrderedTrial {
  private final TestDatabase database;
  private final String queue;
  private final boolean oneKey;
  private final Map<String, Integer> published = new HashMap<>();
  private final Map<String, Integer> done = new HashMap<>();
  private final List<Hand> live = new ArrayList<>();
  private final List<String> housekept = new ArrayList<>();
  private long soughtAt;

  private OrderedTrial(TestDatabase database, String queue, boolean oneKey) {
    this.database = database;
    this.queue = queue;
    this.oneKey = oneKey;
  }

  /** Who does what in one schedule; may publish on the connection what is to be there before it begins. */
  @FunctionalInterface
  public interface Scenario {
    List<Script> scripts(OrderedTrial trial, Connection connection) throws SQLException;
  }

  /** What is checked when all messages have come. */
  @FunctionalInterface
  public interface Extra {
    void check(OrderedTrial trial, Connection connection) throws SQLException;
  }

  /** Runs so many schedules, each on a queue of its own, until one breaks a promise. */
  public static Report sample(TestDatabase database, int limit, String ordering, Scenario scenario)
      throws SQLException {
    return sample(database, limit, ordering, scenario, (trial, connection) -> {
    });
  }

  /** The same with one more check. */
  public static Report sample(TestDatabase database, int limit, String ordering, Scenario scenario, Extra extra)
      throws SQLException {
    String prefix = "o" + System.nanoTime();
    try (Connection connection = database.connect(); Permutations permutations = Permutations.of(database, id -> {
      OrderedTrial trial = new OrderedTrial(database, prefix + id, ordering.equals("strict"));
      Rows.of(connection, "select howdah.create_queue(?, json_build_object('ordering', ?::text, 'backoff', 'none'))",
          trial.queue, ordering);
      return new Plan(scenario.scripts(trial, connection), () -> {
        trial.drain(connection);
        extra.check(trial, connection);
        Rows.of(connection, "select howdah.drop_queue(?, true)", trial.queue);
      });
    })) {
      return permutations.sample(limit, 20);
    }
  }

  /** Publishes the next message of each of these keys, which a strict queue takes for one. */
  public Step publish(String keys) {
    return new Step("publish " + keys, connection -> {
      for (String name : keys.split("")) {
        String key = oneKey ? "a" : name;
        Rows.of(connection, "select howdah.publish(?, to_json(?::text), key => ?)", queue,
            key + published.merge(key, 1, Integer::sum), key);
      }
      return null;
    });
  }

  /** Every lease that runs now ends. */
  public Step lapse() {
    return new Step("lapse", connection -> {
      lapse(connection, Duration.ofSeconds(40));
      return null;
    });
  }

  private void lapse(Connection connection, Duration time) throws SQLException {
    synchronized (live) {
      live.clear();
    }
    database.clock().advance(connection, time);
  }

  /** The ring turns: the next segment is opened, and the oldest one emptied, if that can be. */
  public Step turn() {
    return new Step("turn", connection -> {
      Rows.of(connection, """
          insert into howdah.segment select 1, max(no) + 1, max(no) % 8 from howdah.segment having count(*) < 8""");
      List<String> told = Rows.of(connection, "select action || ' ' || detail from howdah.housekeep()").texts();
      synchronized (live) {
        housekept.addAll(told);
      }
      return null;
    });
  }

  /** What housekeeping has said at the turns of the ring. */
  public List<String> housekept() {
    synchronized (live) {
      return List.copyOf(housekept);
    }
  }

  /**
   * All messages come once more, from the first on, and what is in somebody's hands is void. Who holds what is noted before the
   * transaction ends, because another may claim from then on, which is before the answer.
   */
  public Step seekBack() {
    return new Step("seek", connection -> {
      Rows.of(connection, "begin");
      Rows.of(connection, "select howdah.seek(?, 'beginning')", queue);
      long no = Rows.of(connection, """
          select max(s.no) from howdah.slice s join howdah.subscription b on b.id = s.sub where b.name = ?""", queue)
          .number();
      synchronized (live) {
        live.clear();
        done.clear();
        soughtAt = no;
      }
      return Rows.of(connection, "commit");
    });
  }

  public Hand hand() {
    return new Hand();
  }

  private void drain(Connection connection) throws SQLException {
    lapse(connection, Duration.ofHours(2));
    Hand last = hand();
    for (last.claim(connection, 100); !last.messages.isEmpty(); last.claim(connection, 100)) {
      last.end(last.messages.size(), Rows.of(connection, "select howdah.settle(?)", last.token).text());
    }
    assertThat(done).as("all came").isEqualTo(published);
  }

  /** One consumer; it holds one claim at a time. */
  public final class Hand {
    private String token = "";
    private List<String> messages = List.of();
    private List<Long> positions = List.of();
    private long no;

    public Step claim(int quantity) {
      return new Step("claim", connection -> {
        claim(connection, quantity);
        return null;
      });
    }

    /** The first is done, the second comes again after a time, in a transaction that ends in the second step. */
    public List<Step> failSecondAndCommit(String delay) {
      String[] answer = {""};
      return List.of(new Step("begin, settle", connection -> {
        Rows.of(connection, "begin");
        return answer[0] = messages.size() < 2
            ? ""
            : Rows.of(connection,
                """
                    select howdah.settle(?, array[?, ?]::bigint[], '{done,retry}', array[null, ?::interval], rest => 'release')""",
                token, positions.get(0), positions.get(1), delay).text();
      }), new Step("commit", connection -> {
        drop();
        Rows.of(connection, "commit");
        end(1, answer[0]);
        return null;
      }));
    }

    /** The first is done, the others stay in hand. */
    public Step settleFirst() {
      return new Step("settle first", connection -> {
        if (messages.size() > 1) {
          String answer = Rows.of(connection, "select howdah.settle(?, array[?::bigint], '{done}', rest => 'open')",
              token, positions.getFirst()).text();
          if (answer.equals("open")) {
            ended(messages.getFirst());
            synchronized (live) {
              messages = messages.subList(1, messages.size());
              positions = positions.subList(1, positions.size());
            }
          }
        }
        return null;
      });
    }

    public Step settle() {
      return new Step("settle", connection -> {
        drop();
        if (!messages.isEmpty()) {
          end(messages.size(), Rows.of(connection, "select howdah.settle(?)", token).text());
        }
        return null;
      });
    }

    public Step release() {
      return new Step("release", connection -> {
        drop();
        return messages.isEmpty() ? "" : Rows.of(connection, "select howdah.release(?)", token).text();
      });
    }

    private void claim(Connection connection, int quantity) throws SQLException {
      Rows rows = Rows.of(connection, "select token, payload #>> '{}', position from howdah.claim(?, ?, '30 s')", queue,
          quantity);
      synchronized (live) {
        live.remove(this);
        token = rows.size() == 0 ? "" : rows.texts().getFirst();
        no = token.isEmpty() ? 0 : Long.parseLong(token.split("\\.")[2]);
        messages = rows.values().stream().map(row -> String.valueOf(row.get(1))).toList();
        positions = rows.values().stream().map(row -> (Long) row.get(2)).toList();
        if (no <= soughtAt) {
          return;
        }
        Map<String, Integer> next = new HashMap<>(done);
        for (String message : messages) {
          assertThat(live).noneMatch(other -> other.messages.stream().anyMatch(m -> m.charAt(0) == message.charAt(0)));
          assertThat(message.substring(1)).as("next of %s", message)
              .isEqualTo(String.valueOf(next.merge(message.substring(0, 1), 1, Integer::sum)));
        }
        live.add(this);
      }
    }

    /** Before it is ended: another may have its keys from the commit on, which is before the answer. */
    private void drop() {
      synchronized (live) {
        live.remove(this);
      }
    }

    private void end(int count, String answer) {
      if (answer.equals("settled")) {
        IntStream.range(0, count).mapToObj(messages::get).forEach(this::ended);
      }
      messages = List.of();
    }

    private void ended(String message) {
      synchronized (live) {
        if (no <= soughtAt) {
          return;
        }
        assertThat(done.merge(message.substring(0, 1), 1, Integer::sum)).as(message)
            .isEqualTo(Integer.valueOf(message.substring(1)));
      }
    }
  }
}
