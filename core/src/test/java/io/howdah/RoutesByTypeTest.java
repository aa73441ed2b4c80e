package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A routing table may go by the class of a payload. */
class RoutesByTypeTest {

  private sealed interface Event {
  }

  private record Placed(int order) implements Event {
  }

  private record Paid(int order, int cents) implements Event {
  }

  private record Unknown() implements Event {
  }

  private final List<String> calls = new ArrayList<>();

  private static Delivery<Event> delivery(Event event) {
    return new Delivery<>(new Envelope(UUID.randomUUID(), 1, 1, null, null, Map.of(), Instant.EPOCH), "{}",
        Codec.of(any -> "{}", json -> event));
  }

  private Routes<Event> table() {
    return Routes.of(Event.class).andType(Placed.class, (placed, delivery) -> {
      calls.add("placed " + placed.order());
      return Outcome.done();
    }).andType(Paid.class, (paid, delivery) -> {
      calls.add("paid " + paid.cents() + " " + delivery.attempt());
      return Outcome.reject("too little");
    });
  }

  @Test
  void aHandlerGetsThePayloadsOfItsClassAndItsAnswerCounts() throws Exception {
    Routes<Event> routes = table();
    assertThat(routes.handle(delivery(new Placed(7)))).isEqualTo(Outcome.done());
    assertThat(routes.handle(delivery(new Paid(7, 5)))).isEqualTo(Outcome.reject("too little"));
    assertThat(calls).containsExactly("placed 7", "paid 5 1");
    assertThat(routes.unmatched()).isZero();
  }

  @Test
  void aPayloadOfNoClassInTheTableIsCountedAndRejectedUnlessTheTableSaysOtherwise() throws Exception {
    Routes<Event> routes = table();
    assertThat(routes.handle(delivery(new Unknown()))).isInstanceOf(Outcome.Reject.class);
    assertThat(routes.otherwise(delivery -> Outcome.done()).handle(delivery(new Unknown()))).isEqualTo(Outcome.done());
    assertThat(routes.unmatched()).isEqualTo(2);
    assertThat(calls).isEmpty();
  }

  @Test
  void anArchivedMessageGoesToTheOtherHandlersTooAndIsKeptUnlessOneFails() throws Exception {
    Routes<Event> routes = Routes.of(Event.class).andType(Event.class, (event, delivery) -> Outcome.archive())
        .andType(Placed.class, (placed, delivery) -> {
          calls.add("placed");
          return Outcome.done();
        }).andType(Paid.class, (paid, delivery) -> Outcome.retry("later"));
    assertThat(routes.handle(delivery(new Placed(1)))).isEqualTo(Outcome.archive());
    assertThat(calls).containsExactly("placed");
    assertThat(routes.handle(delivery(new Paid(1, 1)))).isEqualTo(Outcome.retry("later"));
  }

  @Test
  void anInterfaceStandsForAllThatImplementIt() throws Exception {
    Routes<Event> routes = table().andType(Event.class, (event, delivery) -> {
      calls.add("any");
      return Outcome.done();
    });
    routes.handle(delivery(new Placed(1)));
    routes.handle(delivery(new Unknown()));
    assertThat(calls).containsExactly("placed 1", "any", "any");
    assertThat(routes.unmatched()).isZero();
  }

  @Test
  void aPayloadThatCannotBeReadIsUndecodableAndNotUnmatched() {
    Routes<Event> routes = table();
    Delivery<Event> broken = new Delivery<>(new Envelope(UUID.randomUUID(), 1, 1, null, null, Map.of(), Instant.EPOCH),
        "{}", Codec.of(any -> "{}", json -> {
          throw new IllegalStateException("for the test");
        }));
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> routes.handle(broken))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNDECODABLE));
    assertThat(routes.unmatched()).isZero();
  }
}
