package io.howdah.examples;

import io.howdah.Bytes;
import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.PublishRules;
import io.howdah.Published;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.Receipt;
import io.howdah.SpillFile;
import io.howdah.Stream;
import io.howdah.StreamOptions;
import io.howdah.Unroutable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** What can be said about publishing, for a message, for a stream, and for a program. */
public final class Publishing {

  private Publishing() {
  }

  /** Messages that are of no use later. */
  public static void expire(Queue<Json> offers) {
    // region: ttl
    Message<Json> offer = Message.of(new Json("{\"price\": 7}"));
    offers.publish(offer.withTimeToLive(Duration.ofMinutes(10))); // never delivered after that
    // endregion
  }

  /** What holds for all messages of a stream. */
  public static Receipt options(Howdah howdah) {
    // region: options
    howdah.queue("lost").create();
    Stream<Json> events = howdah.stream("orders-and-more")
        .create(StreamOptions.defaults().withTimeToLive(Duration.ofDays(1)).withHeaders(Map.of("source", "shop"))
            .withUnroutable(new Unroutable.Park("lost")));

    Receipt receipt = events.publishRouted(Message.of(new Json("1")).withTopic("order.placed"));
    System.out.println(receipt.subscriptions() + " take it, else: " + receipt.unroutable());
    // endregion
    return receipt;
  }

  /** What is not JSON. */
  public static Queue<Bytes> bytes(Howdah howdah, byte[] png) {
    // region: bytes
    Queue<Bytes> pictures = howdah.queue("pictures", Bytes.class);
    pictures.publish(Message.of(new Bytes(png, "image/png")).withKey("customer-7"));
    // endregion
    return pictures;
  }

  /** One job for each account at a time. */
  public static List<Published> once(Queue<Json> jobs, List<Message<Json>> messages) {
    // region: once
    jobs.publishOnce(Message.of(new Json("{\"sync\": 7}")), Once.key("sync-7").withUntilDone());
    List<Published> answers = jobs.publishAllOnce(messages, message -> Once.key(String.valueOf(message.key())));
    // endregion
    return answers;
  }

  /** No message without its transaction. */
  public static Howdah outbox(DataSource dataSource) {
    // region: outbox
    Howdah howdah = Howdah.open(dataSource, HowdahOptions.defaults(),
        PublishRules.defaults().withRequireTransaction(true)); // only orders.in(connection).publish(...) works
    // endregion
    return howdah;
  }

  /** What a publisher cannot publish. */
  public static void spill(Queue<Json> readings, Path directory) {
    // region: spill
    SpillFile lost = SpillFile.in(directory);
    try (Publisher<Json> publisher = readings.publisher(PublisherOptions.defaults(), lost)) {
      publisher.publish(new Json("{\"value\": 1}")).join(); // throws if it was not stored; then it is in the file
    }
    // endregion
  }
}
