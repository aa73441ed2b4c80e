package io.howdah.benchmarks;

import io.howdah.Howdah;
import io.howdah.Outcome;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A consumer of an ordered queue that remembers each delivery: a process of its own. */
final class KeyedConsumer {

  private static final long EACH = 20_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<KeyedRecord> records = new ArrayList<>(1 << 16);

  private KeyedConsumer() {
  }

  /** Arguments: queue, concurrency, fetch. Ends when its standard input does. */
  public static void main(String[] arguments) throws IOException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(System.getenv("BENCH_URL"));
    source.setUser(System.getenv("BENCH_USER"));
    source.setPassword(System.getenv("BENCH_PASSWORD"));
    WorkerOptions options = WorkerOptions.defaults().withConcurrency(Integer.parseInt(arguments[1]))
        .withFetch(Integer.parseInt(arguments[2]));
    new KeyedConsumer().consume(source, arguments[0], options, System.in, System.out);
    Runtime.getRuntime().halt(0);
  }

  /**
   * Consumes until the input ends. Writes how many are settled, again and again; then -1, what there is to complain
   * about, and the records.
   */
  private void consume(DataSource source, String queue, WorkerOptions options, InputStream in, OutputStream to)
      throws IOException {
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to));
    try (Howdah howdah = Howdah.open(source); Worker worker = howdah.queue(queue).consume(delivery -> {
      long begin = System.nanoTime();
      String payload = delivery.rawPayload();
      String key = delivery.key();
      keep(new KeyedRecord(key == null ? -1 : Integer.parseInt(key), Stamp.publisher(payload),
          (int) Stamp.number(payload), delivery.attempt(), Stamp.at(payload), begin, System.nanoTime()));
      return Outcome.done();
    }, options)) {
      while (in.available() == 0) {
        out.writeLong(worker.stats().done());
        out.flush();
        LockSupport.parkNanos(EACH);
      }
      worker.close();
      out.writeLong(worker.stats().done());
      out.writeLong(-1);
      out.writeUTF(HowdahPeer.complaint(worker.stats()));
    }
    lock.lock();
    try {
      out.writeInt(records.size());
      for (KeyedRecord each : records) {
        each.write(out);
      }
    } finally {
      lock.unlock();
    }
    out.flush();
  }

  private void keep(KeyedRecord delivered) {
    lock.lock();
    records.add(delivered);
    lock.unlock();
  }
}
