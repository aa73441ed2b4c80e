package io.howdah.engine.histories;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Job;
import io.howdah.JobPerformer;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Subscription;
import io.howdah.TimeLimit;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.engine.histories.Life.Trust;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A worker in this process. One that is mortal has a client of its own behind a proxy, whose wires can be cut for good. */
final class LocalMember implements Member {
  static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration GRACE = Duration.ofMinutes(1);

  /**
   * How it works. One with a time limit is for ordered subscriptions: there a message comes again only when its handler has
   * ended, so a handler that is slow to begin is not taken for one that got the message twice.
   */
  enum Kind {
    EACH, BATCH, TRANSACTION, LIMITED, JOBS, LIMITED_JOBS, MORTAL
  }

  private final Life life;
  private final Worker worker;
  private final @Nullable Howdah own;
  private final @Nullable FaultProxy proxy;

  private LocalMember(Life life, Worker worker, @Nullable Howdah own, @Nullable FaultProxy proxy) {
    this.life = life;
    this.worker = worker;
    this.own = own;
    this.proxy = proxy;
  }

  /** One that lives until it is closed. */
  static LocalMember start(Howdah howdah, Kind kind, Watched watched, String name, long seed) {
    boolean limited = kind == Kind.LIMITED || kind == Kind.LIMITED_JOBS;
    Life life = new Life(watched, name, trust(kind));
    return new LocalMember(life, work(howdah, kind, new RandomHandler(life, seed, limited), life), null, null);
  }

  /** One that can be killed. */
  static LocalMember startMortal(TestDatabase database, Watched watched, String name, long seed) {
    FaultProxy proxy = FaultProxy.to(database);
    Howdah own = Howdah.open(proxy.dataSource());
    Life life = new Life(watched, name, trust(Kind.MORTAL));
    return new LocalMember(life, work(own, Kind.MORTAL, new RandomHandler(life, seed, false), life), own, proxy);
  }

  private static Trust trust(Kind kind) {
    return switch (kind) {
      case EACH, BATCH, JOBS -> Trust.SURE;
      case TRANSACTION, LIMITED, MORTAL -> Trust.UNSURE;
      case LIMITED_JOBS -> Trust.NONE;
    };
  }

  private static Worker work(Howdah howdah, Kind kind, RandomHandler handler, Life life) {
    Subscription<Json> subscription = howdah.subscription(life.watched().subscription());
    WorkerOptions options = WorkerOptions.defaults().withFetch(100)
        .withConcurrency(life.watched().ordering().equals("strict") ? 1 : 4).withLease(LEASE)
        .withGrace(kind == Kind.MORTAL ? Duration.ofMillis(100) : GRACE);
    return switch (kind) {
      case EACH, MORTAL -> subscription.consume(delivery -> handle(handler, delivery), options);
      case BATCH -> subscription.consumeBatches(batch -> handleAll(handler, batch), options.withFetch(20));
      case TRANSACTION -> subscription.consumeInTransaction(
          (delivery, connection) -> handleAndTell(handler, life, delivery, connection), options.withFetch(10));
      case LIMITED -> subscription.consume(delivery -> handle(handler, delivery),
          options.withTimeLimit(TimeLimit.of(Duration.ofMillis(100)).withAbandonAfter(Duration.ofMinutes(10))));
      case JOBS, LIMITED_JOBS ->
        howdah.jobs(life.watched().subscription()).perform(performer(handler), options.withConcurrency(3));
    };
  }

  private static Outcome handle(RandomHandler handler, Delivery<Json> delivery) throws Exception {
    return handler.handle(delivery.rawPayload(), delivery.attempt());
  }

  private static Outcomes handleAll(RandomHandler handler, List<Delivery<Json>> batch) {
    return Outcomes.each(batch, batch.stream().map(delivery -> {
      try {
        return handle(handler, delivery);
      } catch (Exception e) {
        return Outcome.retry("chance");
      }
    }).toList());
  }

  /** What is told here is there if, and only if, the message is settled as done. */
  private static Outcome handleAndTell(RandomHandler handler, Life life, Delivery<Json> delivery, Connection connection)
      throws Exception {
    Outcome outcome = handle(handler, delivery);
    if (outcome instanceof Outcome.Done) {
      try (PreparedStatement insert = connection
          .prepareStatement("insert into public.effect (subscription, message, token) values (?, ?, ?)")) {
        insert.setString(1, life.watched().subscription());
        insert.setString(2, delivery.rawPayload());
        insert.setString(3, "effect " + delivery.attempt());
        insert.executeUpdate();
      }
    }
    return outcome;
  }

  private static JobPerformer<Json> performer(RandomHandler handler) {
    return new JobPerformer<>() {
      @Override
      public Outcome perform(Job<Json> job) throws Exception {
        return handler.handle(job.params().text(), job.attempt());
      }

      @Override
      public Duration backoff(Job<Json> job) {
        return Duration.ofMillis(200);
      }
    };
  }

  @Override
  public boolean isMortal() {
    return proxy != null;
  }

  @Override
  public boolean drain() {
    return worker.drain(PATIENCE);
  }

  @Override
  public void resume() {
    worker.resume();
  }

  @Override
  public void kill() {
    life.die();
    if (proxy != null) {
      proxy.close();
    }
  }

  @Override
  public int deliveries() {
    return life.deliveries();
  }

  @Override
  public void close() {
    worker.close();
    if (own != null) {
      own.close();
    }
    if (proxy != null) {
      proxy.close();
    }
  }
}
