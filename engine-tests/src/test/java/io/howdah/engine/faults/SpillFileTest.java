package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.PublishRules;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.SpillFile;
import io.howdah.Unpublished;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a publisher could not publish goes, complete, to its failure listener, by default into a file. */
@HowdahTest
class SpillFileTest {

  private static final PublisherOptions BRIEF = PublisherOptions.defaults().withRetryFor(Duration.ofMillis(200))
      .withTimeout(Duration.ofSeconds(20));

  private final TestDatabase database;

  @TempDir
  private Path folder;

  SpillFileTest(TestDatabase database) {
    this.database = database;
  }

  private static void assertFailed(ErrorCode code, CompletableFuture<UUID> future) {
    assertThatThrownBy(future::join).cause().isInstanceOfSatisfying(HowdahException.class,
        e -> assertThat(e.code()).isEqualTo(code));
  }

  private static List<Path> spilled(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void whileTheServerIsStoppedWhatIsGivenUpLiesInAFileOfItsOwnerOnly() throws IOException {
    Path spill = folder.resolve("spill");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.durable(folder.resolve("data")))) {
      DataSource dataSource = postgres.dataSource("postgres");
      Schema.of(dataSource).install();
      try (Howdah howdah = Howdah.open(dataSource, HowdahOptions.defaults(),
          PublishRules.defaults().withSpillDirectory(spill))) {
        Queue<Json> queue = howdah.queue("stopped").create();
        try (Publisher<Json> publisher = queue.publisher(BRIEF)) {
          publisher.publish(new Json("0")).join();
          assertThat(spill).doesNotExist();
          postgres.kill();
          CompletableFuture<UUID> one = publisher
              .publish(Message.of(new Json("{\n \"secret\": 1}")).withTopic("a.b").withKey("k").withHeader("h", "v\"")
                  .withDelay(Duration.ofMinutes(1)).withTimeToLive(Duration.ofHours(1)));
          assertFailed(ErrorCode.UNAVAILABLE, one);
          assertFailed(ErrorCode.UNAVAILABLE, publisher.publish(new Json("2")));
          assertThat(publisher.stats().failed()).isEqualTo(2);
        }
        postgres.restart();
      }
    }
    Path file = spilled(spill).getFirst();
    assertThat(spilled(spill)).hasSize(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).contains("\"stream\":\"stopped\"", "\"topic\":\"a.b\"", "\"key\":\"k\"",
        "\"headers\":{\"h\":\"v\\\"\"}", "\"delay\":\"PT1M\"", "\"ttl\":\"PT1H\"",
        "\"json\":\"{\\n \\\"secret\\\": 1}\"", "\"error\":\"UNAVAILABLE\"");
  }

  @Test
  void aMessageThatWasStoredAfterAllHasTheIdThatTheListenerIsTold() {
    List<Unpublished> told = new CopyOnWriteArrayList<>();
    try (FaultProxy proxy = FaultProxy.to(database); Howdah howdah = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("stored").create();
      try (Publisher<Json> publisher = queue.publisher(BRIEF, told::addAll)) {
        proxy.stall(FaultProxy.Direction.TO_CLIENT);
        CompletableFuture<UUID> future = publisher.publish(new Json("1"));
        Patience.until("the message is stored",
            () -> database.number("select count(*) from howdah.peek('stored')") == 1);
        proxy.refuse();
        proxy.cut();
        assertFailed(ErrorCode.UNAVAILABLE, future);
      }
      assertThat(told).hasSize(1);
      assertThat(database.texts("select id from howdah.peek('stored')"))
          .containsExactly(told.getFirst().id().toString());
      assertThat(database.text("select duplicate from howdah.publish_once('stored', '1', id => ?::uuid)",
          told.getFirst().id().toString())).isEqualTo("true");
    }
  }

  @Test
  void whatIsRefusedIsToldTooAndAListenerThatThrowsHoldsUpNobody() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("refused").create();
      List<Unpublished> told = new CopyOnWriteArrayList<>();
      try (Publisher<Json> publisher = queue.publisher(BRIEF, lost -> {
        told.addAll(lost);
        throw new IllegalStateException("for the test");
      })) {
        CompletableFuture<UUID> bad = publisher.publish(new Json("{no"));
        assertFailed(ErrorCode.INVALID, bad);
        assertThat(publisher.publish(new Json("1")).join()).isNotNull();
      }
      assertThat(told).extracting(each -> each.message().payload().text()).containsExactly("{no");
      assertThat(told.getFirst()).asString().contains("refused", "INVALID").doesNotContain("{no");
    }
  }

  @Test
  void whatWaitsWhenAPublisherIsClosedWithoutItsDatabaseIsKept() throws IOException {
    SpillFile spill = SpillFile.in(folder.resolve("closed"));
    try (FaultProxy proxy = FaultProxy.to(database); Howdah howdah = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("closing").create();
      Publisher<Json> publisher = queue.publisher(
          PublisherOptions.defaults().withTimeout(Duration.ofMillis(300)).withLanes(1).withMaxBatchSize(10), spill);
      proxy.refuse();
      proxy.cut();
      List<CompletableFuture<UUID>> futures = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        futures.add(publisher.publish(new Json(Integer.toString(i))));
      }
      publisher.close();
      assertThat(futures).allMatch(CompletableFuture::isCompletedExceptionally);
      assertThat(Files.readAllLines(Objects.requireNonNull(spill.file()))).hasSize(25);
    }
  }
}
