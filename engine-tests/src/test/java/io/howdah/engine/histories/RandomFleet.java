package io.howdah.engine.histories;

import io.howdah.Howdah;
import io.howdah.engine.histories.LocalMember.Kind;
import io.howdah.testkit.HistoryChecker;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.Violation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One stream, three subscriptions (unordered, by key, strict) and two scopes of jobs, and a {@link Crew} of workers of the
 * Java client on all of them, until all is published and settled. An auditor tells the positions.
 */
final class RandomFleet {
  private static final int PUBLISHERS = 2;
  private static final int MESSAGES_PER_PROCESS = 5_000;
  private static final long BETWEEN_EVENTS = Duration.ofMillis(100).toNanos();

  private final TestDatabase database;
  private final long seed;
  private final int messages;
  private final List<Watched> readers;
  private final Watched jobs;
  private final Watched hastyJobs;
  private final Source source;
  private final List<Source> jobSources;

  RandomFleet(TestDatabase database, long seed, int messages) {
    this.database = database;
    this.seed = seed;
    this.messages = messages;
    String stream = "f" + Long.toUnsignedString(seed);
    this.readers = Stream.of(Watched.UNORDERED, "key", "strict").map(each -> Watched.of(stream, each)).toList();
    this.jobs = Watched.of(stream, "job");
    this.hastyJobs = Watched.of(stream, "hasty-job");
    this.jobSources = List.of(source(jobs, messages / 5), source(hastyJobs, messages / 20));
    this.source = new Source(database, stream, readers.stream().map(Watched::history).toList(),
        messages - messages / 5 - messages / 20, PUBLISHERS);
  }

  private Source source(Watched scope, int count) {
    return new Source(database, scope.subscription(), List.of(scope.history()), count, 1);
  }

  private Howdah client() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(database.url());
    dataSource.setApplicationName(Crew.APPLICATION);
    return Howdah.open(dataSource);
  }

  /** What was broken; empty if every promise was kept. */
  List<Violation> run() throws Exception {
    prepare();
    try (Howdah one = client();
        Howdah two = client();
        Parts parts = new Parts("the fleet of seed " + seed);
        Crew crew = new Crew(database, List.of(one, two), seed)) {
      populate(crew);
      for (int i = 0; i < PUBLISHERS; i++) {
        parts.start(new RandomPublisher(source, seed * 31 + i));
      }
      parts.start(new RandomJobs(jobSources.get(0), one, jobs, seed * 41, false));
      parts.start(new RandomJobs(jobSources.get(1), two, hastyJobs, seed * 47, true));
      parts.start(new Auditor(source, audit()));
      live(crew);
      parts.join();
      System.out.printf("%d messages through a fleet, %s, events %s%n", messages, crew,
          watched().map(each -> each.history().size()).toList());
    }
    List<Violation> violations = judge();
    database.query("select howdah.drop_stream(?, true)", source.stream());
    Stream.of(jobs, hastyJobs)
        .forEach(scope -> database.query("select howdah.drop_queue(?, true)", scope.subscription()));
    return violations;
  }

  private void prepare() {
    database.query("select howdah.configure('segment_size', '1 MB'), howdah.configure('segment_age', '1 s')");
    database.query("select howdah.create_stream(?, '0')", source.stream());
    for (Watched reader : readers) {
      database.query("""
          select howdah.create_subscription(?, ?, 'beginning', json_build_object('ordering', ?::text,
            'max_attempts', 'infinite', 'backoff', 'fixed', 'delay', '200 ms'))""", reader.subscription(),
          source.stream(), reader.ordering());
    }
    database.query("select howdah.create_subscription(?, ?, 'beginning')", audit(), source.stream());
    database.query("select howdah.create_job_scope(?), howdah.create_job_scope(?)", jobs.subscription(),
        hastyJobs.subscription());
    database.query("create table if not exists public.effect (subscription text, message text, token text)");
    database.query("truncate public.effect");
  }

  private String audit() {
    return source.stream() + "-audit";
  }

  private void populate(Crew crew) throws Exception {
    crew.hireRemote(readers.get(1), messages / MESSAGES_PER_PROCESS);
    for (Watched reader : readers) {
      crew.hire(Kind.EACH, reader);
      crew.hire(Kind.TRANSACTION, reader);
      if (!reader.ordering().equals(Watched.UNORDERED)) {
        crew.hire(Kind.LIMITED, reader);
      }
    }
    crew.hire(Kind.BATCH, readers.getFirst());
    crew.hireMortal(readers.getFirst());
    crew.hireMortal(readers.getLast());
    for (int i = 0; i < 2; i++) {
      crew.hire(Kind.JOBS, jobs);
      crew.hire(Kind.LIMITED_JOBS, hastyJobs);
    }
  }

  private void live(Crew crew) throws Exception {
    Progress progress = new Progress(messages);
    try (Connection connection = database.connect()) {
      boolean over = false;
      for (int i = 1; !over; i++) {
        source.inTime();
        LockSupport.parkNanos(BETWEEN_EVENTS);
        crew.event();
        if (i % 4 == 0) {
          crew.leap(connection);
          Rows.of(connection, "select howdah.housekeep()");
        }
        boolean published = isPublished();
        long left = left(connection);
        over = published && left == 0;
        source.setBacklog(left);
        progress.tell(source.left(), watched().map(each -> each.history().size()).toList());
      }
    }
  }

  private boolean isPublished() {
    return source.isPublished() && jobSources.stream().allMatch(Source::isPublished);
  }

  private long left(Connection connection) throws SQLException {
    long left = 0;
    for (Watched each : watched().toList()) {
      left = Math.max(left, Source.left(connection, each.subscription()));
    }
    return left;
  }

  /** What a transaction did is known for sure: it is there. */
  private List<Violation> judge() throws SQLException {
    List<Violation> violations = new ArrayList<>();
    try (Connection connection = database.connect()) {
      for (Watched each : watched().toList()) {
        Rows effects = Rows.of(connection, "select message, token from public.effect where subscription = ?",
            each.subscription());
        for (List<@Nullable Object> row : effects.values()) {
          each.history().settled(String.valueOf(row.get(0)), each.subscription(), String.valueOf(row.get(1)), "done");
        }
        violations.addAll(
            HistoryChecker.of(each.subscription()).withOrder(each.order()).withUnseenClaims().check(each.history()));
      }
    }
    return violations;
  }

  private Stream<Watched> watched() {
    return Stream.concat(readers.stream(), Stream.of(jobs, hastyJobs));
  }
}
