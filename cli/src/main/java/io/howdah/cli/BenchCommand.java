package io.howdah.cli;

import io.howdah.benchmarks.Bench;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah bench}: how fast it is here. */
@Command(name = "bench", description = {"Measures how fast Howdah is on this machine, and checks every message.", "",
    "Writes one line of JSON on stdout and the same for people on stderr. Workloads: calibrate, W1 (publish), W2 and W2c"
        + " (publish and consume, open and closed), W3 (latency), W4 (fan-out), W5 (an old snapshot), W6 (a call for each"
        + " message), W7 (ordered by key, several processes), W8 (deep backlog),"
        + " W9 (latency at load), W11 (job queues), W16 (how late delayed"
        + " messages are). variant=bare runs W1 to W5 on a hand-written queue table instead.",
    ""})
final class BenchCommand implements Callable<Integer> {

  @Option(names = "--db", paramLabel = "URL", description = "The PostgreSQL to use, as psql or JDBC take it; else what PGHOST,"
      + " PGPORT, PGUSER, PGPASSWORD and PGDATABASE name; else a fresh one that is removed afterwards.")
  private @Nullable DatabaseUrl db;

  @Parameters(paramLabel = "WORKLOAD key=value", arity = "1..*", description = "What to run, and its settings where they"
      + " are not the usual ones.")
  private List<String> arguments = List.of();

  @Override
  public Integer call() {
    Optional<DataSource> database = Optional.ofNullable(db).map(DatabaseUrl::dataSource);
    return Bench.run(arguments, database, System.out, System.err);
  }
}
