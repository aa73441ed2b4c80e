package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Channel;
import io.howdah.ChannelListener;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.PoolerProxy;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

@HowdahTest
class ChannelTest {

  private final TestDatabase database;
  private final Howdah howdah;

  ChannelTest(TestDatabase database) {
    this.database = database;
    PGSimpleDataSource ear = new PGSimpleDataSource();
    ear.setUrl(database.url());
    ear.setApplicationName("ear");
    this.howdah = Howdah.open(database.dataSource(),
        HowdahOptions.defaults().withListenSource(ear).withPollInterval(Duration.ofMinutes(5)));
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  /** Writes down what it hears and how often something may have been missed. */
  private static final class Diary implements ChannelListener {
    final List<String> heard = new CopyOnWriteArrayList<>();
    final AtomicInteger missed = new AtomicInteger();

    @Override
    public void heard(String payload) {
      heard.add(payload);
    }

    @Override
    public void missed() {
      missed.incrementAndGet();
    }
  }

  private Channel listen(String name, ChannelListener listener) {
    Channel channel = howdah.channel(name, listener);
    Eventually.is("it listens", channel::isListening);
    return channel;
  }

  private void send(String channel, String payload) {
    database.query("select pg_notify(?, ?)", channel, payload);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "Mixed Case", "a\"b'c; drop", "ünï",
      "63...........................................................63"})
  void whatIsSentIsHeardInItsOrder(String name) {
    Diary diary = new Diary();
    try (Channel channel = listen(name, diary)) {
      assertThat(channel.name()).isEqualTo(name);
      send(name, "1");
      send(name, "");
      send(name, "3");
      Eventually.is("all is heard", () -> diary.heard.size() == 3);
      assertThat(diary.heard).containsExactly("1", "", "3");
      Eventually.is("it was told to look once", () -> diary.missed.get() == 1);
    }
  }

  @Test
  void channelsAndTheBellShareOneConnection() throws InterruptedException {
    Diary a = new Diary();
    Diary b = new Diary();
    CountDownLatch done = new CountDownLatch(1);
    try (Channel first = listen("first", a);
        Channel second = listen("second", b);
        Howdah publishing = Howdah.open(database.dataSource());
        var worker = howdah.queue("with-bell").create().consume(delivery -> {
          done.countDown();
          return Outcome.done();
        })) {
      Eventually.is("the worker sleeps", () -> database.number("select count(*) from howdah.sleeper") == 1);
      publishing.queue("with-bell").publish(new Json("1"));
      assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
      send("first", "x");
      send("second", "y");
      Eventually.is("both are heard", () -> a.heard.equals(List.of("x")) && b.heard.equals(List.of("y")));
      assertThat(database.number("select count(*) from pg_stat_activity where application_name = 'ear'")).isEqualTo(1);
      assertThat(worker.stats().outages() + (first.isListening() && second.isListening() ? 0 : 1)).isZero();
    }
  }

  @Test
  void afterTheBackendWasKilledItListensAgainAndSaysThatSomethingMayBeMissing() {
    Diary diary = new Diary();
    try (Channel channel = listen("killed", diary)) {
      send("killed", "before");
      Eventually.is("it is heard", () -> diary.heard.contains("before"));
      Eventually.is("it was told to look", () -> diary.missed.get() == 1);
      database.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ear'");
      Eventually.is("it was told to look again", () -> diary.missed.get() == 2);
      assertThat(channel.isListening()).isTrue();
      send("killed", "after");
      Eventually.is("it is heard", () -> diary.heard.contains("after"));
    }
  }

  @Test
  void oneThatIsClosedHearsNothingMoreAndTheOthersDo() {
    Diary gone = new Diary();
    Diary there = new Diary();
    try (Channel channel = listen("shared", there)) {
      Channel closed = listen("shared", gone);
      closed.close();
      closed.close();
      assertThat(closed.isListening()).isFalse();
      send("shared", "1");
      Eventually.is("it is heard", () -> there.heard.contains("1"));
      assertThat(gone.heard).isEmpty();
      assertThat(channel.isListening()).isTrue();
    }
  }

  @Test
  void aListenerThatFailsGoesOnAndOneThatStandsStillHoldsUpNobody() throws InterruptedException {
    CountDownLatch stand = new CountDownLatch(1);
    Diary other = new Diary();
    List<String> heard = new CopyOnWriteArrayList<>();
    try (Logged logged = Logged.by("io.howdah.internal.wakeup.ChannelEar");
        Channel failing = listen("failing", payload -> {
          heard.add(payload);
          throw new IllegalStateException("so what");
        });
        Channel standing = listen("failing", payload -> {
          try {
            assertThat(stand.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
        Channel quick = listen("quick", other)) {
      send("failing", "1");
      send("failing", "2");
      send("quick", "3");
      Eventually.is("both were heard", () -> heard.equals(List.of("1", "2")) && other.heard.equals(List.of("3")));
      stand.countDown();
      assertThat(failing.isListening() && standing.isListening() && quick.isListening()).isTrue();
      assertThat(logged.about("channel failing failed")).isNotEmpty().allMatch(line -> line.startsWith("WARN"));
    }
  }

  @Test
  void moreThanCanWaitIsLetGoAndTheListenerIsTold() {
    CountDownLatch stand = new CountDownLatch(1);
    AtomicInteger missed = new AtomicInteger();
    List<String> heard = new CopyOnWriteArrayList<>();
    try (Channel channel = listen("flood", new ChannelListener() {
      @Override
      public void heard(String payload) {
        try {
          stand.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        heard.add(payload);
      }

      @Override
      public void missed() {
        missed.incrementAndGet();
      }
    })) {
      Eventually.is("it was told to look", () -> missed.get() == 1);
      database.query("select pg_notify('flood', n::text) from generate_series(1, 10100) n");
      Diary other = new Diary();
      try (Channel quick = listen("flood", other)) {
        database.query("select pg_notify('flood', 'end')");
        Eventually.is("all has arrived", () -> other.heard.contains("end") && quick.isListening());
      }
      stand.countDown();
      Eventually.is("it was told to look again", () -> missed.get() == 2);
      Eventually.is("and it hears the end", () -> heard.contains("end"));
      assertThat(heard).hasSizeLessThan(10_000);
      assertThat(channel.isListening()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "howdah", "a\0b", "ü23456789012345678901234567890123456789012345678901234567890123"})
  void aNameThatCannotBeIsRefused(String name) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> howdah.channel(name, payload -> {
    })).withMessageContaining("channel").satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
  }

  @Test
  void aClientThatDoesNotListenSaysSo() {
    try (Howdah deaf = Howdah.open(database.dataSource(), HowdahOptions.defaults().withListen(false))) {
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> deaf.channel("c", payload -> {
      })).satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }
  }

  @Test
  void behindATransactionPoolerNothingIsHeardAndThatIsTold() {
    try (Logged logged = Logged.by("io.howdah.internal.wakeup.Listener");
        PoolerProxy pooler = PoolerProxy.to(database, 3);
        Howdah pooled = Howdah.open(pooler.dataSource());
        Channel channel = pooled.channel("pooled", payload -> {
        })) {
      Eventually.is("it has been told", () -> logged.count() > 0);
      assertThat(channel.isListening()).isFalse();
      assertThat(logged.about("nothing is heard of channels [pooled]")).singleElement().asString().startsWith("WARN");
    }
  }
}
