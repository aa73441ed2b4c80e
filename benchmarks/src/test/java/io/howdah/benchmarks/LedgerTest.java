package io.howdah.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.benchmarks.Ledger.Findings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private final Ledger ledger = new Ledger(Ledger.Order.ACROSS_BATCHES);
  private final List<String> sent = new ArrayList<>(new Stamp(3, 0).next(10));

  @Test
  void whatCameAsItWasSentIsClean() {
    receive(sent, 1);
    assertThat(findings()).isEqualTo(Findings.NONE);
    assertThat(findings().isClean()).isTrue();
  }

  @Test
  void whatIsMissingIsLost() {
    sent.remove(4);
    receive(sent, 1);
    assertThat(findings()).isEqualTo(new Findings(1, 0, 0, 0, 0));
  }

  @Test
  void whatCameTwiceIsExplainedOnlyByAnotherAttempt() {
    receive(sent, 1);
    receive(sent.subList(9, 10), 2);
    assertThat(findings().isClean()).isTrue();
    receive(sent.subList(8, 10), 1);
    assertThat(findings()).isEqualTo(new Findings(0, 3, 2, 0, 0));
  }

  @Test
  void whatCameTooEarlyIsOutOfOrder() {
    sent.add(2, sent.remove(5));
    receive(sent, 1);
    assertThat(findings()).isEqualTo(new Findings(0, 0, 0, 1, 0));
  }

  @Test
  void whatCameWithAnotherContentIsDamaged() {
    sent.set(1, sent.get(1).replace("\"note\"", "\"nose\""));
    receive(sent, 1);
    assertThat(findings()).isEqualTo(new Findings(1, 0, 0, 0, 1));
  }

  @Test
  void aStampIsReadAsItWasWritten() {
    String payload = new Stamp(17, 0).next(3).get(2);
    assertThat(payload).hasSize(Stamp.BYTES);
    assertThat(Stamp.publisher(payload)).isEqualTo(17);
    assertThat(Stamp.number(payload)).isEqualTo(2);
    assertThat(System.nanoTime() - Stamp.at(payload)).isBetween(0L, Stage.seconds(60));
  }

  @Test
  void aHistogramIsRightWithinThreePercent() {
    Histogram histogram = new Histogram();
    for (int i = 1; i <= 1000; i++) {
      histogram.record(i * 10_000L);
    }
    assertThat(histogram.millis(0.5)).isBetween(5.0, 5.16);
    assertThat(histogram.millis(0.99)).isBetween(9.9, 10.0);
    assertThat(histogram.maxMillis()).isEqualTo(10.0);
  }

  private void receive(List<String> payloads, int attempt) {
    ledger.receive(payloads, payload -> payload, payload -> attempt);
  }

  private Findings findings() {
    return ledger.findings(List.of(0L, 0L, 0L, 10L));
  }
}
