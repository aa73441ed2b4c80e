package io.howdah.internal.subscription;
import io.howdah.*;
import io.howdah.internal.wakeup.Bell;
import java.time.Duration;
public final class WorkLoop<T> {
  private final WorkerOptions options;
  private WorkLoop(WorkerOptions options) {
    this.options = options;
  }
  public static <T> WorkLoop<T> start(Inlet<T> inlet, Bell bell, Handler<T> handler, WorkerOptions options) {
    return new WorkLoop<>(options);
  }
  public static <T> WorkLoop<T> startBatches(Inlet<T> inlet, Bell bell, BatchHandler<T> handler,
      WorkerOptions options) {
    return new WorkLoop<>(options);
  }
  public WorkerOptions options() {
    return options;
  }
  public WorkerStats stats() {
    return new WorkerStats(0, 0, 0, 0, 0, 0, 0);
  }
  public void close(Duration grace) {
  }
}
