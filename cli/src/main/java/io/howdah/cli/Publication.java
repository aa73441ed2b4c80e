package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.cli.LineBatches.BadLine;
import io.howdah.cli.LineBatches.Batch;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Publishes batches of lines in their order: while one batch is on its way, the next is read and checked. Owned by one
 * thread.
 */
final class Publication implements AutoCloseable {

  private final LineFormat format;
  private final Progress progress;
  private final ExecutorService sender = Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
  private final boolean mayCreate;
  /** Written by the sender, read when what it sends has arrived. */
  private long duplicates;
  private long skipped;
  private long lastPublished;
  private @Nullable Batch onItsWay;
  private @Nullable Future<?> sent;

  Publication(LineFormat format, boolean mayCreate, Progress progress) {
    this.format = format;
    this.mayCreate = mayCreate;
    this.progress = progress;
  }

  /** For {@link LineBatches}: ends at the first bad line. */
  static void stop(BadLine line) throws BadLine {
    throw line;
  }

  /** For {@link LineBatches}: goes on after a bad line. */
  void skip(BadLine line) {
    skipped++;
    progress.note("skipped: " + line.getMessage());
  }

  /** Publishes all; returns when everything that was sent is stored, or throws. Says at the end what was done. */
  void run(LineBatches lines) throws IOException, InterruptedException, BadLine {
    try {
      for (Optional<Batch> next = lines.next(); next.isPresent(); next = lines.next()) {
        arrive();
        send(next.get());
      }
      arrive();
    } catch (BadLine line) {
      arrive();
      progress.note(lastPublished == 0
          ? "nothing was published"
          : "what comes before line " + (lastPublished + 1) + " is published, nothing from there on");
      throw line;
    } catch (InterruptedException e) {
      arrive();
      progress.note("stopped after line " + lastPublished);
    } finally {
      progress.end((skipped == 0 ? "" : ", " + skipped + " bad lines skipped")
          + (duplicates == 0 ? "" : ", " + duplicates + " of them were there already"));
    }
  }

  private void send(Batch batch) {
    onItsWay = batch;
    sent = sender.submit(() -> publish(batch.lines()));
  }

  private void publish(List<String> lines) {
    for (LineFormat.Part part : format.parts(lines)) {
      try {
        duplicates += part.publish();
      } catch (HowdahException e) {
        if (!mayCreate || e.code() != ErrorCode.NOT_FOUND) {
          throw e;
        }
        part.queue().create();
        progress.note("queue \"" + part.queue().name() + "\" did not exist and was made");
        duplicates += part.publish();
      }
    }
  }

  /** Waits until the batch that is on its way is stored; a signal does not cut that short, it is bounded by itself. */
  private void arrive() throws InterruptedException {
    Batch batch = onItsWay;
    Future<?> future = sent;
    onItsWay = null;
    sent = null;
    if (batch == null || future == null) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        future.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        throw failed(batch, e.getCause());
      }
    }
    lastPublished = batch.last();
    progress.add(batch.lines().size());
    if (interrupted) {
      throw new InterruptedException();
    }
  }

  private HowdahException failed(Batch batch, @Nullable Throwable cause) {
    String where = " (lines " + batch.first() + " to " + batch.last() + ")";
    return cause instanceof HowdahException known
        ? new HowdahException(known.code(), known.getMessage() + where, known)
        : new HowdahException(ErrorCode.INTERNAL, "publishing failed: " + cause + where, cause);
  }

  @Override
  public void close() {
    sender.close();
  }
}
