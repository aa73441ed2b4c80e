package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.MessageSource;
import io.howdah.Subscription;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.time.Duration;
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

/** {@code howdah consume}: messages become JSON lines. */
@Command(name = "consume", sortOptions = false, description = {
    "Writes each message to stdout as one JSON line, and settles it when it has been written.", "",
    "Ends when nothing is ready and no other consumer holds anything, or after --max. What a consumer that died was"
        + " holding is delivered again when its lease lapses; this waits for that, and says until when. When stdout is"
        + " closed, what was not written goes back to the queue.",
    ""})
final class ConsumeCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ConsumeCommand.class);
  private static final Duration GRACE = Duration.ofSeconds(10);
  /** What is published from SQL is not told. */
  private static final Duration POLL = Duration.ofMillis(250);

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "QUEUE", arity = "0..1", description = "The queue to consume from.")
  private @Nullable String queue;

  @Option(names = "--subscription", paramLabel = "S", description = "Consume from this subscription of a stream instead.")
  private @Nullable String subscription;

  @Option(names = "--max", paramLabel = "N", description = "End after N messages.")
  private long max = Long.MAX_VALUE;

  @Option(names = "--follow", description = "Wait for more messages instead of ending.")
  private boolean follow;

  @Option(names = "--batch", paramLabel = "N", description = "Messages taken and settled at once, 1 to 10000 (1000).")
  private int batch = 1000;

  @Option(names = "--lease", paramLabel = "TIME", description = "How long messages stay with this consumer after it has died (30s).")
  private Duration lease = Duration.ofSeconds(30);

  @Option(names = {"--json",
      "--envelope"}, description = "Write id, position, attempt, topic, key, headers and time of each message, too.")
  private boolean envelope;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() throws Exception {
    Consumption.Limits limits = limits();
    Progress progress = Progress.besideOutput(command.commandLine().getErr(), "consumed");
    try (Signals signals = Signals.catching(GRACE, () -> LOG.debug("stopping"));
        Howdah howdah = Howdah.open(database.url().dataSource(), HowdahOptions.defaults().withPollInterval(POLL));
        FileOutputStream stdout = new FileOutputStream(FileDescriptor.out);
        LineWriter writer = new LineWriter(stdout, envelope)) {
      new Consumption(source(howdah), writer, signals, progress).run(limits);
    }
    return CommandLine.ExitCode.OK;
  }

  private Consumption.Limits limits() {
    if (queue == null && subscription == null) {
      throw usage("name a queue, or a subscription with --subscription");
    }
    if (max < 1) {
      throw usage("--max must be at least 1 but was " + max);
    }
    if (batch < 1 || batch > 10_000) {
      throw usage("--batch must be between 1 and 10000 but was " + batch);
    }
    if (lease.compareTo(Duration.ofSeconds(1)) < 0 || lease.compareTo(Duration.ofHours(1)) > 0) {
      throw usage("--lease must be between 1s and 1h");
    }
    return new Consumption.Limits(max, batch, lease, follow);
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private MessageSource<Json> source(Howdah howdah) {
    if (subscription == null) {
      return howdah.queue(String.valueOf(queue));
    }
    Subscription<Json> source = howdah.subscription(subscription);
    String stream = source.stats().stream();
    if (queue != null && !queue.equals(stream)) {
      throw new HowdahException(ErrorCode.INVALID,
          "subscription \"" + subscription + "\" is one of stream \"" + stream + "\", not of \"" + queue + "\"");
    }
    return source;
  }
}
