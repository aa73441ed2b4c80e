package io.howdah.examples;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Batch;
import io.howdah.Handler;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LimitOptions;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Published;
import io.howdah.Queue;
import io.howdah.Route;
import io.howdah.StartPosition;
import io.howdah.Unroutable;
import io.howdah.Worker;
import io.howdah.examples.ExactlyOnceEffect.Payment;
import io.howdah.examples.Shop.Order;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
class ExamplesDoWhatTheySayTest {

  private final TestDatabase database;
  private final DataSource dataSource;

  ExamplesDoWhatTheySayTest(TestDatabase database) {
    this.database = database;
    this.dataSource = database.dataSource();
  }

  @Test
  void anOrderReachesTheWarehouse() throws Exception {
    BlockingQueue<Order> reserved = new ArrayBlockingQueue<>(10);
    Order order = new Order(1, "a howdah", 2);
    try (Howdah howdah = Howdah.open(dataSource)) {
      Shop shop = new Shop(dataSource, howdah);
      try (Worker worker = shop.work(reserved::add)) {
        shop.place(order);
        assertThat(reserved.poll(30, TimeUnit.SECONDS)).as("%s", worker.stats()).isEqualTo(order);
      }
    }
    assertThat(database.number("select count(*) from orders")).isEqualTo(1);
  }

  @Test
  void eventsAreFollowed() throws Exception {
    BlockingQueue<String> screen = new ArrayBlockingQueue<>(10);
    try (Howdah howdah = Howdah.open(dataSource)) {
      howdah.stream("events").create();
      Thread follower = Thread.ofVirtual().start(() -> Replay.follow(howdah, screen::add));
      while (database.number("select count(*) from howdah.subscription where name like 'listen/%'") == 0) {
        LockSupport.parkNanos(2_000_000);
      }
      howdah.stream("events").publish(Message.of(new Json("1")).withTopic("order.new"));
      assertThat(screen.poll(30, TimeUnit.SECONDS)).isEqualTo("1");
      howdah.close();
      assertThat(follower.join(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void eventsAreReadOnceMore() {
    try (Howdah howdah = Howdah.open(dataSource)) {
      howdah.stream("events").create().subscribe("billing", StartPosition.beginning());
      Instant before = Instant.now().minusSeconds(60);
      howdah.stream("events").publish(new Json("1"));
      try (Batch<Json> batch = howdah.subscription("billing").claim(10, Duration.ofMinutes(1))) {
        batch.done();
      }
      assertThat(Replay.again(howdah, before).replayed()).isEqualTo(1);
      assertThat(howdah.subscription("billing").stats().ready()).isEqualTo(1);
      assertThat(Replay.beside(howdah).stats().ready()).isEqualTo(1);
    }
  }

  @Test
  void jobsOfACustomerAreDoneOneAfterTheOther() throws Exception {
    BlockingQueue<String> sent = new ArrayBlockingQueue<>(10);
    try (Howdah howdah = Howdah.open(dataSource)) {
      howdah.jobs("invoicing").create();
      Invoices invoices = new Invoices(dataSource, howdah);
      try (Worker worker = invoices.work((customer, what, number) -> sent.add(customer + what + number))) {
        UUID reminder = invoices.bill("Ms Ray", 7).getLast();
        assertThat(sent.poll(30, TimeUnit.SECONDS)).as("%s", worker.stats()).isEqualTo("Ms Raysend_invoice7");
        assertThat(invoices.look("Ms Ray", reminder)).isTrue();
      }
    }
  }

  @Test
  void publishingDoesWhatThePageSays(@TempDir Path directory) {
    try (Howdah howdah = Howdah.open(dataSource); Howdah outbox = Publishing.outbox(dataSource)) {
      Queue<Json> jobs = howdah.queue("jobs").create();
      Publishing.expire(jobs);
      assertThat(Publishing.bytes(howdah, new byte[]{1, 2}).peek(1).getFirst().payload().size()).isEqualTo(2);
      assertThat(Publishing.options(howdah).unroutable()).isEqualTo(new Unroutable.Park("lost"));
      Message<Json> job = Message.of(new Json("1")).withKey("a");
      assertThat(Publishing.once(jobs, List.of(job, job))).extracting(Published::duplicate).containsExactly(false,
          true);
      assertThatThrownBy(() -> outbox.queue("jobs").publish(job)).isInstanceOf(HowdahException.class);
      Publishing.spill(jobs, directory);
      assertThat(directory).isEmptyDirectory();
      assertThat(jobs.stats().ready()).isEqualTo(4);
    }
  }

  @Test
  void fusedMessagesAreAllStored() {
    try (Howdah howdah = Howdah.open(dataSource)) {
      FusedPublishing.publish(howdah, 500);
      assertThat(howdah.queue("readings").stats().ready()).isEqualTo(500);
    }
  }

  @Test
  void oneMessageReachesEverySubscription() {
    try (Howdah howdah = Howdah.open(dataSource)) {
      assertThat(FanOut.deliver(howdah)).isEqualTo(2);
    }
  }

  @Test
  void topicsDecideWhoGetsAMessage() throws Exception {
    BlockingQueue<String> handled = new ArrayBlockingQueue<>(10);
    try (Howdah howdah = Howdah.open(dataSource)) {
      assertThat(Routing.bind(howdah)).extracting(Route::subscription).containsExactly("emails");
      Queue<Json> emails = howdah.queue("emails");
      Routing.rebind(dataSource, emails);
      assertThat(emails.bindings().list()).containsExactly("invoice.#", "order.*");
      try (Worker worker = Routing.work(emails, says(handled, "receipt"), says(handled, "reminder"),
          says(handled, "count"))) {
        assertThat(List.of(take(handled), take(handled), take(handled))).as("%s", worker.stats())
            .containsExactlyInAnyOrder("receipt", "count", "count");
      }
      assertThat(Routing.byKey(says(handled, "vip"), says(handled, "others")).unmatched()).isZero();
    }
  }

  private static Handler<Json> says(BlockingQueue<String> handled, String what) {
    return delivery -> {
      handled.add(what);
      return Outcome.done();
    };
  }

  @Test
  void anEffectAndItsSettlingCommitTogether() throws Exception {
    try (Howdah howdah = Howdah.open(dataSource)) {
      Queue<Payment> payments = howdah.queue("payments", Payment.class).create();
      payments.publishAll(List.of(new Payment("a-1", 1_200), new Payment("a-2", -5)));
      ExactlyOnceEffect.book(dataSource, payments);
      assertThat(payments.stats().dead()).isEqualTo(1);
      assertThat(payments.stats().inFlight()).isZero();
    }
    assertThat(database.texts("select account from booking where account like 'a-%'")).containsExactly("a-1");
  }

  @Test
  void limitsAreSetAndChanged() {
    try (Howdah howdah = Howdah.open(dataSource)) {
      assertThat(Limiting.create(howdah).limits().rate()).isEqualTo(100);
      LimitOptions limits = Limiting.standBy(howdah).limits();
      assertThat(limits).isEqualTo(LimitOptions.none().withConcurrency(4).withSingleActive(true));
      assertThat(Limiting.createByKey(howdah).limits().keyRate()).isEqualTo(5);
    }
  }

  @Test
  void requestsAreRetriedAsTheirFailureSays() throws Exception {
    try (Howdah howdah = Howdah.open(dataSource)) {
      Queue<String> requests = Retries.create(howdah);
      requests.publishAll(List.of("200", "429", "400", "refused"));
      try (Worker worker = Retries.work(requests, request -> {
        if (request.equals("refused")) {
          throw new ConnectException("on purpose");
        }
        return Integer.parseInt(request);
      })) {
        BlockingQueue<Long> never = new ArrayBlockingQueue<>(1);
        for (int i = 0; i < 10_000
            && worker.stats().retried() + worker.stats().done() + worker.stats().rejected() < 4; i++) {
          never.poll(2, TimeUnit.MILLISECONDS);
        }
      }
      assertThat(requests.stats().scheduled()).isEqualTo(2);
    }
    assertThat(database.texts("""
        select round(extract(epoch from due - howdah.now()) / 30) from howdah.due
        where sub = (select id from howdah.subscription where name = 'requests') order by due""")).containsExactly("1",
        "20");
  }

  @Test
  void whatLackedACurrencyIsCorrectedAndSentAgain() {
    database.query("select howdah.create_queue('orders')");
    database.query("select howdah.publish('orders', '{\"currency\": null}')");
    database.query("""
        select howdah.settle(token, array[position], array['reject'], reasons => array['no currency'])
        from howdah.claim('orders')""");
    try (Howdah howdah = Howdah.open(dataSource)) {
      assertThat(Redrive.again(howdah)).isEqualTo(1);
    }
    assertThat(database.text("select payload from howdah.claim('orders')")).isEqualTo("{\"currency\": \"EUR\"}");
  }

  @Test
  void aPaymentIsBookedWithItsReceipt() throws Exception {
    try (Howdah howdah = Howdah.open(dataSource)) {
      database.query("create table if not exists booking (account text, cents int)");
      Queue<Payment> payments = howdah.queue("incoming", Payment.class).create();
      Queue<Json> receipts = howdah.queue("receipts").create();
      BlockingQueue<String> seen = new ArrayBlockingQueue<>(10);
      payments.publishAll(List.of(new Payment("b-1", 700), new Payment("b-2", -5)));
      try (Worker worker = Bookkeeping.work(payments, receipts);
          Worker reader = receipts.consume(delivery -> seen.add(delivery.rawPayload()) ? done() : null)) {
        assertThat(seen.poll(30, TimeUnit.SECONDS)).as("%s %s", worker.stats(), reader.stats())
            .isEqualTo("{\"cents\": 700}");
      }
      assertThat(payments.stats().dead() + payments.stats().ready()).isEqualTo(1);
      payments.publish(new Payment("b-3", 800));
      try (Worker worker = Bookkeeping.workInBatches(payments)) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (payments.stats().ready() + payments.stats().inFlight() > 0) {
          assertThat(System.nanoTime()).as("%s", worker.stats()).isLessThan(deadline);
          LockSupport.parkNanos(1_000_000);
        }
      }
    }
    assertThat(database.texts("select account from booking where account like 'b-%' order by account"))
        .containsExactly("b-1", "b-3");
  }

  @Test
  void whatTheIndexRefusesIsRetried() throws Exception {
    BlockingQueue<String> indexed = new ArrayBlockingQueue<>(10);
    try (Howdah howdah = Howdah.open(dataSource)) {
      try (Worker worker = BatchHandling.work(howdah, texts -> {
        indexed.addAll(texts);
        return texts.stream().filter(text -> text.equals("bad")).toList();
      })) {
        howdah.queue("texts", String.class).publishAll(List.of("good", "bad"));
        assertThat(List.of(take(indexed), take(indexed))).as("%s", worker.stats()).containsExactlyInAnyOrder("good",
            "bad");
      }
      assertThat(howdah.queue("texts").stats().scheduled()).isEqualTo(1);
    }
  }

  @Test
  void messagesWaitAndRecur() {
    try (Howdah howdah = Howdah.open(dataSource)) {
      assertThat(Later.schedule(howdah)).isTrue();
      assertThat(howdah.queue("reminders").schedule().list(10)).hasSize(1);
      Later.repeat(howdah);
      assertThat(howdah.recurring().find("nightly-report")).isPresent();
    }
  }

  @Test
  void parcelsAreHandledInOrderAndBlockedOnesDecidedAbout() throws InterruptedException {
    try (Howdah howdah = Howdah.open(dataSource)) {
      var parcels = Parcels.create(howdah);
      Parcels.publish(parcels);
      try (var failed = parcels.claim(1, java.time.Duration.ofSeconds(30))) {
        failed.settle(io.howdah.Outcomes.all(io.howdah.Outcome.retryIn(java.time.Duration.ofHours(1), "rain")));
      }
      assertThat(Parcels.decide(parcels)).isEqualTo(1);
      BlockingQueue<String> log = new java.util.concurrent.LinkedBlockingQueue<>();
      try (Worker worker = Parcels.work(parcels, log::add)) {
        assertThat(java.util.List.of(take(log), take(log), take(log)))
            .containsSubsequence("parcel-1 \"packed\"", "parcel-1 \"sent\"").contains("parcel-2 \"packed\"");
      }
    }
  }

  private static String take(BlockingQueue<String> texts) throws InterruptedException {
    return String.valueOf(texts.poll(30, TimeUnit.SECONDS));
  }
}
