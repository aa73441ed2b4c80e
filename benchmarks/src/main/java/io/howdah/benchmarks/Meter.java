package io.howdah.benchmarks;

import java.time.Duration;
import java.util.OptionalLong;

/** What a stretch of time has cost: WAL, and CPU of the server and of this process. */
final class Meter {

  private final Server server;
  private final long wal;
  private final OptionalLong serverCpu;
  private final long clientCpu;

  private Meter(Server server) {
    this.server = server;
    this.wal = server.wal();
    this.serverCpu = server.cpuMicros();
    this.clientCpu = clientCpuMicros();
  }

  static Meter start(Server server) {
    return new Meter(server);
  }

  private static long clientCpuMicros() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1000;
  }

  /** Writes what it has cost since the start, per message. */
  void stop(Figures figures, long messages) {
    double count = messages;
    figures.set("client_cpu_us_per_msg", (clientCpuMicros() - clientCpu) / count, 2);
    OptionalLong now = server.cpuMicros();
    if (now.isPresent() && serverCpu.isPresent()) {
      figures.set("server_cpu_us_per_msg", (now.getAsLong() - serverCpu.getAsLong()) / count, 2);
    }
    figures.set("wal_bytes_per_msg", (server.wal() - wal) / count, 1);
  }
}
