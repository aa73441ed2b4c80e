package io.howdah.cli;

import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Events;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Payload;
import io.howdah.StartPosition;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah listen}: what comes by on a stream. */
@Command(name = "listen", sortOptions = false, description = {
    "Writes each message of a stream to stdout as one JSON line, as it comes, until it is stopped. It takes nothing from"
        + " anybody and leaves nothing behind: each message comes at most once, and who listens again begins anew.",
    ""})
final class ListenCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ListenCommand.class);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(200);

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "STREAM", description = "The stream, or a queue: its own stream.")
  private String stream = "";

  @Option(names = "--topic", paramLabel = "PATTERN", description = "Only messages whose topic matches: * is one word, # any number; may be given several times.")
  private List<String> patterns = List.of();

  @Option(names = "--from", paramLabel = "WHERE", converter = Where.class, description = "Where it begins: now, beginning (what the stream still has), a position, or a time: what was published then or later (now).")
  private StartPosition from = StartPosition.now();

  @Option(names = "--max", paramLabel = "N", description = "End after N messages.")
  private long max = Long.MAX_VALUE;

  @Option(names = "--idle", paramLabel = "TIME", description = "End when nothing has come for so long.")
  private @Nullable Duration idle;

  @Option(names = {"--json",
      "--envelope"}, description = "Write id, position, attempt, topic, key, headers and time of each message, too.")
  private boolean envelope;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() throws Exception {
    if (max < 1) {
      throw new ParameterException(command.commandLine(), "--max must be at least 1 but was " + max);
    }
    Progress progress = Progress.besideOutput(command.commandLine().getErr(), "heard");
    try (Signals signals = Signals.catching(GRACE, () -> LOG.debug("stopping"));
        Howdah howdah = Howdah.open(database.url().dataSource());
        FileOutputStream stdout = new FileOutputStream(FileDescriptor.out);
        LineWriter writer = new LineWriter(stdout, envelope);
        Events<Payload> events = howdah.stream(stream, Payload.class).listen(from, patterns.toArray(String[]::new))) {
      follow(events, writer, signals, progress);
    } catch (IOException e) {
      if (!Consumption.saysClosed(e)) {
        throw new HowdahException(ErrorCode.INTERNAL, "cannot write to stdout: " + e.getMessage(), e);
      }
      progress.note("stdout was closed");
    }
    return CommandLine.ExitCode.OK;
  }

  private void follow(Events<Payload> events, LineWriter writer, Signals signals, Progress progress)
      throws IOException {
    long written = 0;
    long last = System.nanoTime();
    boolean pending = false; // something is written that is not flushed
    try {
      while (written < max && !signals.raised()) {
        Optional<Delivery<Payload>> next = events.poll(pending ? Duration.ZERO : LOOK);
        if (next.isPresent()) {
          writer.write(next.get());
          written++;
          progress.add(1);
          last = System.nanoTime();
          pending = true;
        } else if (pending) {
          writer.flush();
          pending = false;
        } else if (idle != null && System.nanoTime() - last > idle.toNanos()) {
          break;
        }
      }
      writer.flush();
    } finally {
      progress.end("");
    }
  }
}
