package io.howdah.examples;

import io.howdah.Delivery;
import io.howdah.Handler;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.Route;
import io.howdah.Routes;
import io.howdah.Stream;
import io.howdah.Worker;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Topics decide which queues get a message, and which handlers of a consumer. */
public final class Routing {

  private Routing() {
  }

  /** Binds a queue to a stream; returns who would get an order. */
  public static List<Route> bind(Howdah howdah) {
    // region: bind
    Stream<Json> events = howdah.stream("shop-events").create();
    Queue<Json> emails = howdah.queue("emails").create(events, "order.*", "user.#");

    events.publish(Message.of(new Json("{\"id\": 42}")).withTopic("order.placed")); // emails gets it
    emails.publish(new Json("{\"to\": \"me\"}")); // a direct message: nobody else gets it
    List<Route> routes = events.route("order.placed"); // a dry run: who, and why
    // endregion
    return routes;
  }

  /** Changes the bindings together with a row of the application. */
  public static void rebind(DataSource dataSource, Queue<Json> emails) throws SQLException {
    // region: rebind
    emails.bindings().add("invoice.paid");
    emails.bindings().remove("user.#");
    try (Connection tx = dataSource.getConnection()) {
      tx.setAutoCommit(false);
      emails.bindings().in(tx).set(List.of("order.*", "invoice.#")); // with whatever else this transaction does
      tx.commit();
    }
    // endregion
  }

  /** One consumer with a handler for each kind of message. */
  public static Worker work(Queue<Json> emails, Handler<Json> sendReceipt, Handler<Json> sendReminder,
      Handler<Json> count) {
    // region: routes
    Routes<Json> routes = Routes.on("order.placed", sendReceipt).and(List.of("order.late", "invoice.#"), sendReminder)
        .and("#", count); // several may match: they are called one after the other

    Worker worker = emails.consume(routes);
    // endregion
    return worker;
  }

  /** One consumer that decides by itself, and keeps what it does not know for later. */
  public static Routes<Json> byKey(Handler<Json> vip, Handler<Json> others) {
    // region: router
    Routes<Json> routes = Routes.<Json>by(delivery -> switch (String.valueOf(delivery.key())) {
      case "vip" -> List.of(vip);
      case "null" -> List.of();
      default -> List.of(others);
    }).otherwise(Routing::keep);
    // endregion
    return routes;
  }

  private static Outcome keep(Delivery<Json> delivery) {
    return Outcome.reject("no key");
  }
}
