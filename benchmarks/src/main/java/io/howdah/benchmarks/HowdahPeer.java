package io.howdah.benchmarks;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.MessageSink;
import io.howdah.MessageSource;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.Stream;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.WorkerStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A queue, or a stream with several subscriptions, through the public API. */
final class HowdahPeer implements Peer {

  private final Howdah howdah;
  private final MessageSink<Json> sink;
  private final Function<PublisherOptions, Publisher<Json>> publishers;
  private final Runnable drop;
  private final List<MessageSource<Json>> sources = new ArrayList<>();
  private final List<List<Worker>> workers = new ArrayList<>();
  private final Map<Queue<Json>, Worker> idle = new HashMap<>();
  private final String name;
  private final BenchOptions options;
  private @Nullable Publisher<Json> fused;
  private boolean stopped;

  HowdahPeer(DataSource source, String name, int groups, BenchOptions options) {
    this.name = name;
    this.options = options;
    this.howdah = Howdah.open(source, HowdahOptions.defaults().withRing(options.bell()).withListen(options.bell()));
    if (groups == 1) {
      Queue<Json> queue = howdah.queue(name).create(options.has("keys") ? Ordering.byKey() : Ordering.none());
      sink = queue;
      publishers = queue::publisher;
      drop = () -> queue.drop(true);
      sources.add(queue);
    } else {
      Stream<Json> stream = howdah.stream(name).create(Duration.ZERO);
      sink = stream;
      publishers = stream::publisher;
      drop = () -> stream.drop(true);
      for (int group = 0; group < groups; group++) {
        sources.add(stream.subscribe(name + "." + group));
      }
    }
    sources.forEach(each -> workers.add(new CopyOnWriteArrayList<>()));
    for (int i = 0; i < options.number("idle", 0); i++) {
      Queue<Json> queue = howdah.queue(name + ".idle" + i).create();
      idle.put(queue, queue.consume(delivery -> Outcome.done(), WorkerOptions.defaults()));
    }
  }

  String name() {
    return name;
  }

  @Override
  public Sender sender() {
    return options.has("keys") ? keyedSender() : plainSender();
  }

  private Sender keyedSender() {
    return new Sender() {
      private @Nullable Keys keys;

      @Override
      public void send(List<String> payloads) {
        Keys mine = keys;
        if (mine == null) {
          mine = new Keys(Stamp.publisher(payloads.getFirst()), options.publishers(), options.number("keys", 1));
          keys = mine;
        }
        List<Message<Json>> messages = new ArrayList<>();
        for (String payload : payloads) {
          messages.add(Message.of(new Json(payload)).withKey(mine.next()));
        }
        sink.publishAllMessages(messages);
      }

      @Override
      public void close() {
        // The connections are Howdah's.
      }
    };
  }

  private Sender plainSender() {
    return new Sender() {
      @Override
      public void send(List<String> payloads) {
        if (options.has("delay")) {
          payloads.forEach(each -> sink.publish(Message.of(new Json(each)).withDelay(options.delay())));
        } else if (payloads.size() == 1) {
          sink.publish(new Json(payloads.getFirst()));
        } else {
          sink.publishAll(payloads.stream().map(Json::new).toList());
        }
      }

      @Override
      public void close() {
        // The connections are Howdah's.
      }
    };
  }

  /** All share one publisher, which is closed with Howdah. */
  @Override
  public synchronized Sender fusedSender(int lanes) {
    if (fused == null) {
      fused = publishers.apply(PublisherOptions.defaults().withLanes(lanes));
    }
    Publisher<Json> publisher = fused;
    return new Sender() {
      @Override
      public void send(List<String> payloads) {
        payloads.stream().map(payload -> publisher.publish(new Json(payload))).toList().forEach(f -> f.join());
      }

      @Override
      public void close() {
        // Others may still use the publisher.
      }
    };
  }

  @Override
  public void consume(int group, int consumers, int fetch, Ledger ledger) {
    WorkerOptions worker = WorkerOptions.defaults().withConcurrency(options.number("concurrency", 1)).withFetch(fetch);
    for (int i = 0; i < consumers; i++) {
      MessageSource<Json> source = sources.get(group);
      workers.get(group).add(perMessage() ? source.consume(delivery -> {
        ledger.receive(List.of(delivery), Delivery::rawPayload, Delivery::attempt);
        return Outcome.done();
      }, worker) : source.consumeBatches(batch -> {
        ledger.receive(batch, Delivery::rawPayload, Delivery::attempt);
        return Outcomes.done();
      }, worker));
    }
  }

  @Override
  public long settled() {
    long least = Long.MAX_VALUE;
    for (List<Worker> group : workers) {
      long done = 0;
      for (Worker worker : group) {
        done += worker.stats().done();
      }
      least = Math.min(least, done);
    }
    return least;
  }

  @Override
  public void stop() {
    if (!stopped) {
      stopped = true;
      workers.forEach(group -> group.forEach(Worker::close));
    }
  }

  @Override
  public String complaints() {
    StringBuilder text = new StringBuilder();
    for (List<Worker> group : workers) {
      for (Worker worker : group) {
        String complaint = complaint(worker.stats());
        text.append(complaint).append(complaint.isEmpty() ? "" : "; ");
      }
    }
    return text.toString();
  }

  /** What is wrong with a worker to which nothing should have happened; an empty text if nothing is. */
  static String complaint(WorkerStats stats) {
    boolean unwell = stats.retried() + stats.rejected() + stats.lapsed() + stats.failures() + stats.outages() > 0;
    return unwell ? stats.toString() : "";
  }

  private boolean perMessage() {
    return options.has("concurrency");
  }

  @Override
  public Ledger.Order order(int consumers) {
    return perMessage() || options.has("delay")
        ? Ledger.Order.NONE
        : consumers == 1 ? Ledger.Order.ACROSS_BATCHES : Ledger.Order.WITHIN_BATCH;
  }

  @Override
  public void close() {
    try (howdah) {
      stop();
      drop.run();
      idle.forEach((queue, worker) -> {
        worker.close();
        queue.drop(true);
      });
    }
  }
}
