package io.howdah.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON lines and hands them out in batches, checked, in the order of the input, in bounded memory.
 *
 * <p>
 * A batch ends when it is full, when the input ends, or when the input pauses, so that
 * {@code tail -f … | howdah publish …} does not sit on a line. To tell a pause from the end, a thread of its own reads: it
 * is a daemon, because nothing can wake a read of stdin. Blank lines are passed over. Owned by one thread.
 */
final class LineBatches {

  /** What a message may weigh; a longer line is bad, and is read over without being kept. */
  static final int MAX_LINE_BYTES = 1 << 20;

  /** What the line of a whole message may weigh: its payload, escaped, and what else it has. */
  static final int MAX_ENVELOPE_BYTES = 8 << 20;

  private static final int CHUNK_BYTES = 1 << 16;
  private static final int CHUNKS_AHEAD = 8;
  private static final int MAX_BATCH_BYTES = 8 << 20;
  private static final long PAUSE_MILLIS = 200;

  /** Lines that belong together: {@code first} and {@code last} are line numbers of the input, from 1. */
  record Batch(List<String> lines, long first, long last) {
  }

  /** A line that cannot be published. Its number is in the message. */
  static final class BadLine extends Exception {

    private static final long serialVersionUID = 1L;

    final long number;

    BadLine(long number, String complaint) {
      super("line " + number + " is not a message: " + complaint);
      this.number = number;
    }
  }

  /** Told of each bad line; it throws the line to stop there, or returns to pass over it. */
  @FunctionalInterface
  interface BadLines {

    void met(BadLine line) throws BadLine;
  }

  /** Says what is wrong with a line, if anything is. */
  @FunctionalInterface
  interface Check {

    Optional<String> complaint(String line);
  }

  /** What one read gave; a length of 0 is the end of the input, or its failure. */
  private record Chunk(byte[] bytes, int length, @Nullable IOException failure) {
  }

  private final ArrayBlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
  private final Check check;
  private final int longest;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private final int size;
  private final BadLines badLines;

  private Chunk chunk = new Chunk(new byte[0], 0, null);
  private int offset;
  private boolean ended;
  private final ByteArrayOutputStream started = new ByteArrayOutputStream();
  private boolean tooLong;
  private long number;
  private List<String> lines = new ArrayList<>();
  private long first;
  private int weight;

  LineBatches(InputStream input, int size, BadLines badLines) {
    this(input, size, MAX_LINE_BYTES, line -> Optional.empty(), badLines);
  }

  /**
   * @param more
   *          what else lines must be, which is asked of those that are JSON
   */
  LineBatches(InputStream input, int size, int longest, Check more, BadLines badLines) {
    JsonCheck json = new JsonCheck(longest);
    this.longest = longest;
    this.check = line -> json.complaint(line).or(() -> more.complaint(line));
    this.size = size;
    this.badLines = badLines;
    Thread.ofPlatform().daemon().name("howdah-input").start(() -> readAhead(input));
  }

  private void readAhead(InputStream input) {
    try {
      while (true) {
        byte[] bytes = new byte[CHUNK_BYTES];
        int length = input.read(bytes);
        if (length < 0) {
          chunks.put(new Chunk(new byte[0], 0, null));
          return;
        }
        chunks.put(new Chunk(bytes, length, null));
      }
    } catch (IOException e) {
      chunks.add(new Chunk(new byte[0], 0, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next batch; empty at the end of the input. After a {@link BadLine} nothing of its batch is handed out. */
  Optional<Batch> next() throws IOException, InterruptedException, BadLine {
    while (lines.size() < size && weight < MAX_BATCH_BYTES && moreInput()) {
      takeLine();
    }
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    Batch batch = new Batch(lines, first, number);
    lines = new ArrayList<>();
    weight = 0;
    return Optional.of(batch);
  }

  /** False at the end, and at a pause while there is something to hand out. */
  private boolean moreInput() throws IOException, InterruptedException {
    while (offset == chunk.length && !ended) {
      Chunk following = lines.isEmpty() ? chunks.take() : chunks.poll(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      if (following == null) {
        return false;
      }
      if (following.failure != null) {
        throw following.failure;
      }
      chunk = following;
      offset = 0;
      ended = chunk.length == 0;
    }
    return !ended || started.size() > 0 || tooLong;
  }

  /** Moves on by one line, or by the part of a line that this chunk has. */
  private void takeLine() throws BadLine {
    int end = offset;
    while (end < chunk.length && chunk.bytes[end] != '\n') {
      end++;
    }
    boolean complete = ended || end < chunk.length;
    if (!complete || started.size() > 0 || tooLong) {
      keep(end - offset);
      if (complete) {
        endLine(started.toByteArray(), 0, started.size());
        started.reset();
      }
    } else {
      endLine(chunk.bytes, offset, end - offset);
    }
    offset = Math.min(chunk.length, end + 1);
  }

  private void keep(int length) {
    tooLong = tooLong || started.size() + length > longest;
    if (tooLong) {
      started.reset();
    } else {
      started.write(chunk.bytes, offset, length);
    }
  }

  private void endLine(byte[] bytes, int from, int length) throws BadLine {
    number++;
    boolean skipped = tooLong || length > longest;
    tooLong = false;
    if (skipped) {
      badLines.met(new BadLine(number, "it is longer than " + longest + " bytes"));
      return;
    }
    String line = decode(bytes, from, length);
    if (line == null) {
      badLines.met(new BadLine(number, "it is not UTF-8"));
      return;
    }
    if (line.isBlank()) {
      return;
    }
    Optional<String> complaint = check.complaint(line);
    if (complaint.isPresent()) {
      badLines.met(new BadLine(number, complaint.get()));
      return;
    }
    if (lines.isEmpty()) {
      first = number;
    }
    lines.add(line);
    weight += length;
  }

  private @Nullable String decode(byte[] bytes, int from, int length) {
    int end = from + length;
    int start = number == 1 && startsWithByteOrderMark(bytes, from, length) ? from + 3 : from;
    if (end > start && bytes[end - 1] == '\r') {
      end--;
    }
    try {
      return utf8.decode(ByteBuffer.wrap(bytes, start, end - start)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean startsWithByteOrderMark(byte[] bytes, int from, int length) {
    return length >= 3 && Arrays.equals(bytes, from, from + 3, new byte[]{(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}, 0, 3);
  }
}
