package io.howdah.benchmarks;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Consumers of an ordered queue, each a JVM of its own. */
final class KeyedCrew implements AutoCloseable {

  private final List<Member> members = new ArrayList<>();

  /** One process, and what it says. */
  private static final class Member {

    private final Process process;
    private final Thread reader;
    private final List<KeyedRecord> records = new ArrayList<>();
    private volatile long settled = -1;
    private volatile String complaint = "";

    Member(Process process) {
      this.process = process;
      this.reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
        for (long done = in.readLong(); done >= 0; done = in.readLong()) {
          settled = done;
        }
        complaint = in.readUTF();
        for (int left = in.readInt(); left > 0; left--) {
          records.add(KeyedRecord.read(in));
        }
      } catch (IOException e) {
        complaint = "a consumer's process ended: " + e;
      }
    }

    void end() {
      try {
        process.getOutputStream().write('\n');
        process.getOutputStream().close();
        reader.join();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.toHandle().destroyForcibly();
        }
      } catch (IOException e) {
        complaint = "a consumer's process ended: " + e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  KeyedCrew(Stage stage, String queue) {
    if (!(stage.source() instanceof PGSimpleDataSource source)) {
      throw new HowdahException(ErrorCode.UNSUPPORTED, "processes of their own need a database that a URL names");
    }
    for (int i = 0; i < stage.options().number("processes", 2); i++) {
      members.add(new Member(start(source, queue, stage.options())));
    }
  }

  private static Process start(PGSimpleDataSource source, String queue, BenchOptions options) {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), KeyedConsumer.class.getName(), queue,
        Integer.toString(options.number("concurrency", 16)), Integer.toString(options.fetch()));
    builder.environment().put("BENCH_URL", source.getUrl());
    put(builder, "BENCH_USER", source.getUser());
    put(builder, "BENCH_PASSWORD", source.getPassword());
    try {
      return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new HowdahException(ErrorCode.INTERNAL, "a process could not be started", e);
    }
  }

  private static void put(ProcessBuilder builder, String name, @Nullable String value) {
    if (value != null) {
      builder.environment().put(name, value);
    }
  }

  /** Waits until all are there; false if they are not after 30 s. */
  boolean areThere() {
    return Stage.await(() -> members.stream().allMatch(member -> member.settled >= 0), Stage.seconds(30));
  }

  /** As far as the processes have told. */
  long settled() {
    return members.stream().mapToLong(member -> Math.max(0, member.settled)).sum();
  }

  /** Ends them; returns what they were handed. */
  List<KeyedRecord> end() {
    members.forEach(Member::end);
    return members.stream().flatMap(member -> member.records.stream()).toList();
  }

  String complaints() {
    return String.join("; ", members.stream().map(member -> member.complaint).filter(each -> !each.isEmpty()).toList());
  }

  @Override
  public void close() {
    members.forEach(member -> member.process.toHandle().destroyForcibly());
  }
}
