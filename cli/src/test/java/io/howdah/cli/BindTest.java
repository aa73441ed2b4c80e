package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class BindTest {

  @Test
  void bindingsAreAddedRemovedReplacedListedAndTried(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_stream('events')");
    run(0, "queue", "create", "emails", "--stream", "events", "--bind", "order.*", "--bind", "user.#", "--db", db);
    run(0, "bind", "add", "emails", "a", "order.*", "--db", db);
    assertThat(run(0, "bind", "list", "emails", "--db", db).lines()).containsExactly("a", "order.*", "user.#");
    run(0, "bind", "remove", "emails", "a", "--db", db);
    assertThat(run(0, "bind", "list", "emails", "--json", "--db", db).out()).isEqualTo("[\"order.*\",\"user.#\"]\n");
    assertThat(run(0, "route", "events", "order.new", "--db", db).out()).contains("emails",
        "order.new matches order.*");
    assertThat(run(0, "route", "events", "order.new", "--json", "--db", db).out())
        .contains("\"patterns\":[\"order.*\"]");
    assertThat(run(0, "route", "events", "--db", db).out()).isEmpty();
    run(0, "bind", "set", "emails", "b", "--db", db);
    assertThat(run(0, "bind", "list", "emails", "--db", db).lines()).containsExactly("b");
    run(0, "bind", "set", "emails", "--everything", "--db", db);
    assertThat(run(0, "route", "events", "--db", db).out()).contains("it takes everything");
    run(0, "bind", "set", "emails", "--nothing", "--db", db);
    assertThat(run(0, "route", "events", "b", "--db", db).out()).isEmpty();
    assertThat(run(0, "queue", "list", "--db", db).lines()).contains("emails");
    run(0, "queue", "drop", "emails", "--db", db);
  }

  @Test
  void whatCannotBeIsRefused(TestDatabase database) {
    String db = database.url();
    assertThat(run(3, "bind", "add", "nobody", "a", "--db", db).err()).contains("nobody");
    assertThat(run(2, "bind", "add", "nobody", "a*", "--db", db).err()).contains("whole words");
    assertThat(run(2, "bind", "set", "nobody", "--db", db).err()).contains("--everything");
    assertThat(run(2, "bind", "set", "nobody", "a", "--nothing", "--db", db).err()).contains("--nothing");
    assertThat(run(3, "route", "nowhere", "a", "--db", db).err()).contains("nowhere");
    assertThat(run(2, "queue", "create", "x", "--stream", "s", "--db", db).err()).contains("--bind");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
