package io.howdah.benchmarks;

import io.howdah.HowdahException;
import io.howdah.schema.Schema;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.util.DriverInfo;

/** {@code howdah bench}: runs one workload, checks every message, and tells the figures. */
public final class Bench {

  private static final int FAILED = 1;

  private Bench() {
  }

  /**
   * Runs a workload.
   *
   * @param arguments
   *          its name, then {@code key=value …}
   * @param database
   *          the database to use; else the one that {@code PGHOST}, {@code PGPORT}, {@code PGUSER}, {@code PGPASSWORD}
   *          and {@code PGDATABASE} name; else an embedded one for this run. The schema is installed if it is missing
   * @param out
   *          gets the figures as one line of JSON
   * @param err
   *          gets the figures for people
   * @return 0, or 1 if messages were lost or came twice, or something failed on the way
   * @throws HowdahException
   *           if the arguments are not acceptable or the database cannot be used; nothing was measured then
   */
  public static int run(List<String> arguments, Optional<DataSource> database, PrintStream out, PrintStream err) {
    BenchOptions options = BenchOptions.parse(arguments);
    try (Target target = database.map(source -> new Target(source, null))
        .orElseGet(() -> Target.find(System.getenv()))) {
      Figures figures = measure(options, target, err);
      err.print(figures.summary());
      err.flush();
      out.println(figures.json());
      out.flush();
      return figures.isOk() ? 0 : FAILED;
    }
  }

  private static Figures measure(BenchOptions options, Target target, PrintStream err) {
    try (Server server = new Server(target.source(), options.schema())) {
      Figures figures = describe(options, server.settings());
      Schema.of(target.source()).install();
      try (Housekeeping housekeeping = Housekeeping.start(target.source())) {
        Stage stage = new Stage(target.source(), server, options, housekeeping, err);
        stage.tell(options.workload().label() + " on "
            + (target.postgres() == null ? "the database given" : "a fresh PostgreSQL"));
        play(stage, figures);
        if (!housekeeping.failure().isEmpty()) {
          figures.fail(housekeeping.failure());
        }
      } catch (HowdahException e) {
        figures.fail(String.valueOf(e.getMessage()));
        return figures;
      }
      if (options.workload() != Workload.CALIBRATE) {
        figures.set("dead_tuples_end", server.deadRows());
      }
      return figures;
    }
  }

  private static void play(Stage stage, Figures figures) {
    switch (stage.options().workload()) {
      case CALIBRATE -> new Calibration(stage).run(figures);
      case W1 -> new PublishOnly(stage).run(figures);
      case W2, W2C, W6, W8 -> new Flow(stage).run(figures);
      case W7 -> new Keyed(stage).run(figures);
      case W4 -> {
        new Flow(stage).run(figures);
        figures.note(new FanoutCost(stage).measure(stage.options().groups()));
      }
      case W3, W5, W9, W16 -> new Paced(stage).run(figures);
      case W11 -> new JobQueues(stage).run(figures);
    }
  }

  /** What is known before the run. */
  private static Figures describe(BenchOptions options, String server) {
    boolean calibration = options.workload() == Workload.CALIBRATE;
    Figures figures = new Figures(calibration ? Figures.CALIBRATION_KEYS : Figures.KEYS);
    figures.set("peer", calibration ? "postgresql" : "howdah");
    figures.set("workload", options.workload().label());
    figures.set("ok", true);
    figures.set("seconds", options.seconds());
    if (!calibration) {
      figures.set("variant", options.bare() ? "bare" : "howdah");
      for (String key : List.of("publishers", "consumers", "groups", "batch", "fetch", "rate")) {
        figures.set(key, options.numbers().get(key));
      }
    }
    figures.note(server);
    figures.note("pgjdbc " + DriverInfo.DRIVER_VERSION + ", Java " + Runtime.version().feature());
    options.numbers().forEach((key, value) -> {
      if (List.of("batch", "callers", "inflight", "concurrency", "queues", "busy", "delay", "keys", "processes",
          "warmup", "backlog", "idle", "bell").contains(key)) {
        figures.note(key + "=" + value);
      }
    });
    return figures;
  }
}
