package io.howdah.internal.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.Delivery;
import io.howdah.Envelope;
import io.howdah.Json;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.WorkerStats;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SliceTest {

  private static final String TOKEN = "0.1.2.3";

  private static Slice<Json> slice(int messages) {
    List<Delivery<Json>> deliveries = IntStream.rangeClosed(1, messages).mapToObj(position -> {
      Envelope envelope = new Envelope(UUID.randomUUID(), position, 1, null, null, Map.of(), Instant.EPOCH);
      return new Delivery<>(envelope, "1", Codec.of(Json.class));
    }).toList();
    return new Slice<>(TOKEN, new Claimed<>(TOKEN, deliveries), Ordering.none(), 0, 1);
  }

  @Test
  void everyMessageIsCountedByItsOutcomeOnceHoweverManySettlementsItTakes() {
    Counters counters = new Counters();
    Slice<Json> slice = slice(7);
    List<Outcome> outcomes = List.of(Outcome.done(), Outcome.retry("busy"), Outcome.release(), Outcome.reject("never"),
        Outcome.done(), Outcome.reject("never"), Outcome.done());
    IntStream.range(0, 3).forEach(i -> slice.answer(i, outcomes.get(i)));

    settle(slice, counters);
    assertThat(counters.stats()).isEqualTo(new WorkerStats(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0));

    IntStream.range(3, 7).forEach(i -> slice.answer(i, outcomes.get(i)));
    settle(slice, counters);
    assertThat(counters.stats()).isEqualTo(new WorkerStats(3, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0));
    assertThat(slice.unsettled()).isZero();
  }

  private static void settle(Slice<Json> slice, Counters counters) {
    Part part = slice.part();
    slice.settled(part);
    counters.settled(slice, part.covered());
  }

  @Test
  void whatIsLeftToItsLeaseIsNamedByNoSettlement() {
    Slice<Json> slice = slice(3);
    slice.leave(0);
    slice.answer(1, Outcome.done());
    Part last = slice.lastPart();
    assertThat(last.settlement().rest()).isEqualTo("open");
    assertThat(last.settlement().items()).extracting(Settlement.Item::position).containsExactly(2L, 3L);
    slice.settled(last);
    assertThat(slice.isSettled()).isTrue();
  }
}
