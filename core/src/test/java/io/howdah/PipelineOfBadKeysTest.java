package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A key, or an error, of a user's class whose methods throw fails its message, and no other one. */
class PipelineOfBadKeysTest {

  private record Sensor(String name) {
    @Override
    public int hashCode() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static final class Unreadable extends Error {
    @Override
    public String getMessage() {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static void secondFails(Pipeline<String> pipeline) {
    List<PipelineTrial.Acknowledged<String>> ended = PipelineTrial.of(pipeline, String.class)
        .withPatience(Duration.ofSeconds(20)).push(List.of("1", "2", "3"));
    assertThat(ended).extracting(PipelineTrial.Acknowledged::ack).containsExactly(Ack.done(), Ack.retry(), Ack.done());
  }

  private static boolean bad(String payload) {
    return payload.equals("2");
  }

  @Test
  void aPartitionThatHasNoHashFailsItsMessage() {
    secondFails(Pipeline.<String>of(message -> message)
        .partitionBy(delivery -> bad(delivery.payload()) ? new Sensor("a") : delivery.payload()));
  }

  @Test
  void aBatchKeyThatHasNoHashFailsItsMessage() {
    secondFails(Pipeline
        .<String>of(
            message -> bad(message.payload()) ? message.withBatchKey(new Sensor("a")) : message.withBatchKey("others"))
        .batcher(PipelineBatcher.of(2, Duration.ofMillis(50), batch -> {
          assertThat(batch.key()).isEqualTo("others");
          return batch.messages();
        })));
  }

  @Test
  void anErrorThatCannotBeReadFailsItsMessageInEachStage() {
    secondFails(Pipeline.<String>of(message -> {
      if (bad(message.payload())) {
        throw new Unreadable();
      }
      return message;
    }).handleFailed(messages -> {
      throw new Unreadable();
    }));
    secondFails(Pipeline.<String>of(message -> message.withBatchKey(message.payload()))
        .batcher(PipelineBatcher.of(1, Duration.ofMillis(50), batch -> {
          if (bad(batch.messages().getFirst().payload())) {
            throw new Unreadable();
          }
          return batch.messages();
        })));
  }
}
