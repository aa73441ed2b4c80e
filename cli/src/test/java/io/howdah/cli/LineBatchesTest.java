package io.howdah.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.cli.LineBatches.BadLine;
import io.howdah.cli.LineBatches.Batch;
import io.howdah.examples.MakeLines;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class LineBatchesTest {

  private final List<String> skipped = new ArrayList<>();

  @Test
  void everyLineComesOutOnceInOrderWhateverTheChunksOfTheInput() throws Exception {
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    MakeLines.write(5_000, input);
    List<String> lines = new ArrayList<>();
    LineBatches batches = stopping(dripping(input.toByteArray(), 7_919), 900);

    for (Optional<Batch> next = batches.next(); next.isPresent(); next = batches.next()) {
      Batch batch = next.get();
      assertThat(batch.lines().size()).isBetween(1, 900);
      assertThat(batch.first()).isEqualTo(lines.size() + 1);
      lines.addAll(batch.lines());
      assertThat(batch.last()).isEqualTo(lines.size());
    }

    assertThat(lines).hasSize(5_000).last().isEqualTo(MakeLines.line(5_000));
    assertThat(lines.get(2_345)).isEqualTo(MakeLines.line(2_346));
  }

  @Test
  void blankLinesCarriageReturnsAByteOrderMarkAndAMissingLastNewlineAreNoTrouble() throws Exception {
    Batch batch = stopping(bytes("\uFEFF{\"a\":1}\r\n\r\n  \n[2]\n \"ü\" "), 10).next().orElseThrow();

    assertThat(batch.lines()).containsExactly("{\"a\":1}", "[2]", " \"ü\" ");
    assertThat(batch.last()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"a\":1}}", "{} {}", "1 2", "tru", "nulL", "{'a':1}", "{a:1}", "[1,]", "[01]", "NaN",
      "\"tab\there\"", "// no", "{\"a\":1,}", "\"\\x\"", "\"\\u12\"", ".5", "+1", "1.", "\"open", "\"\\u0000\"",
      "\"\\ud800\"", "\"\\ud800\\ud800\"", "\"\\udc00\"", "{\"\\\\\\u0000\":1}"})
  void whatIsNotOneJsonValueIsABadLine(String text) throws Exception {
    LineBatches batches = stopping(bytes("1\n" + text + "\n3\n"), 10);

    assertThatThrownBy(batches::next).isInstanceOf(BadLine.class).hasMessageStartingWith("line 2 is not a message: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "0", "-1.5e300", "null", "\"\"", "\"\\\\u0000 \\ud83d\\ude00 \\u0001\"", "[[[]]]",
      "{\"a\":1,\"a\":2}", "1e999999"})
  void everyJsonValueIsAMessage(String text) throws Exception {
    assertThat(stopping(bytes(text), 10).next().orElseThrow().lines()).containsExactly(text);
  }

  @Test
  void numbersAndNamesMayBeAsLongAsALine() throws Exception {
    String text = "{\"" + "n".repeat(100_000) + "\":" + "9".repeat(100_000) + "}";

    assertThat(stopping(bytes(text), 10).next().orElseThrow().lines()).containsExactly(text);
  }

  @Test
  void whatIsNestedTooDeeplyIsABadLine() {
    assertThatThrownBy(() -> stopping(bytes("[".repeat(513) + "]".repeat(513)), 10).next()).isInstanceOf(BadLine.class);
  }

  @Test
  void whatIsNotUtf8IsABadLine() {
    assertThatThrownBy(() -> stopping(new ByteArrayInputStream("\"\u00fc\"".getBytes(ISO_8859_1)), 10).next())
        .hasMessage("line 1 is not a message: it is not UTF-8");
  }

  @Test
  void aBadLineStopsBeforeItsBatchButNotTheBatchesBeforeIt() throws Exception {
    LineBatches batches = stopping(bytes("1\n2\n3\nno\n5\n"), 2);

    assertThat(batches.next().orElseThrow().lines()).containsExactly("1", "2");
    assertThatThrownBy(batches::next).hasMessageStartingWith("line 4 ");
  }

  @Test
  void badLinesCanBePassedOver() throws Exception {
    LineBatches batches = skipping(bytes("1\nno\n3\n" + "x".repeat(LineBatches.MAX_LINE_BYTES + 1) + "\n5"), 10);

    assertThat(batches.next().orElseThrow()).isEqualTo(new Batch(List.of("1", "3", "5"), 1, 5));
    assertThat(batches.next()).isEmpty();
    assertThat(skipped).hasSize(2);
    assertThat(skipped.get(1)).isEqualTo("line 4 is not a message: it is longer than 1048576 bytes");
  }

  @Test
  void aBatchDoesNotWaitForAnInputThatPauses() throws Exception {
    try (PipedOutputStream writer = new PipedOutputStream(); PipedInputStream input = new PipedInputStream(writer)) {
      writer.write("1\n2\n3".getBytes(UTF_8));
      writer.flush();
      LineBatches batches = stopping(input, 10);

      assertThat(batches.next().orElseThrow().lines()).containsExactly("1", "2");
      writer.write("4\n".getBytes(UTF_8));
      writer.close();
      assertThat(batches.next().orElseThrow().lines()).containsExactly("34");
      assertThat(batches.next()).isEmpty();
    }
  }

  @Test
  void anInputThatFailsIsNotTakenForItsEnd() throws Exception {
    LineBatches batches = stopping(new InputStream() {
      @Override
      public int read() throws IOException {
        throw new IOException("disk gone");
      }
    }, 10);

    assertThatThrownBy(batches::next).isInstanceOf(IOException.class).hasMessage("disk gone");
  }

  private static LineBatches stopping(InputStream input, int size) {
    return new LineBatches(input, size, bad -> {
      throw bad;
    });
  }

  private LineBatches skipping(InputStream input, int size) {
    return new LineBatches(input, size, bad -> skipped.add(bad.getMessage()));
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  /** Gives at most {@code most} bytes at a time. */
  private static InputStream dripping(byte[] bytes, int most) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(length, most));
      }
    };
  }
}
