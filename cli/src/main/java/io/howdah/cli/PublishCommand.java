package io.howdah.cli;

import io.howdah.Bytes;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Payload;
import io.howdah.PublishRules;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah publish}: JSON lines become messages. */
@Command(name = "publish", sortOptions = false, description = {
    "Publishes each line of stdin, or of --file, as one message: any JSON value in UTF-8, up to 1 MiB.", "",
    "Lines are published in their order, in batches; a batch is stored as a whole or not at all. Blank lines are passed"
        + " over. At a line that is not JSON nothing of its batch is published, and the command ends with status 2, unless"
        + " --skip-bad is given. A queue that does not exist is made.",
    ""})
final class PublishCommand implements Callable<Integer> {

  private static final int MAX_BATCH = 100_000;
  private static final int ONCE_BATCH = 8_192;
  private static final int MAX_BYTES = 256 << 20;
  private static final Duration GRACE = Duration.ofSeconds(10);

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "QUEUE", arity = "0..1", description = "The queue or stream to publish to; may be left out with --envelopes.")
  private @Nullable String queue;

  @Option(names = "--file", paramLabel = "FILE", description = "Read this file instead of stdin.")
  private @Nullable Path file;

  @Option(names = "--topic", paramLabel = "TOPIC", description = "Topic of every message: words joined by dots.")
  private @Nullable String topic;

  @Option(names = "--key", paramLabel = "KEY", description = "Key of every message.")
  private @Nullable String key;

  @Option(names = "--header", paramLabel = "NAME=VALUE", description = "Header of every message; may be given several times.")
  private Map<String, String> headers = Map.of();

  @Option(names = "--delay", paramLabel = "TIME", description = "How long every message waits before it is delivered, for example 30s.")
  private Duration delay = Duration.ZERO;

  @Option(names = "--at", paramLabel = "TIME", converter = Instants.class, description = "When every message is delivered, for example 2030-06-01T08:00:00Z; not together with --delay.")
  private @Nullable Instant at;

  @Option(names = "--ttl", paramLabel = "TIME", description = "For how long every message may be delivered, for example 1h; afterwards it is counted as expired.")
  private @Nullable Duration timeToLive;

  @Option(names = "--once", paramLabel = "KEY", description = "Publish unless this key was used within the queue's window.")
  private @Nullable String once;

  @Option(names = "--id", paramLabel = "UUID", description = "Id of the message; published unless it was used within the queue's window.")
  private @Nullable UUID id;

  @Option(names = "--within", paramLabel = "TIME", description = "The window of --once and --id.")
  private @Nullable Duration within;

  @Option(names = "--until-done", description = "The key of --once or --id counts until its message is done, instead of for a window.")
  private boolean untilDone;

  @Option(names = "--envelopes", description = "Each line is a whole message, as a publisher keeps what it could not publish: an"
      + " object with payload, or json (its text), and stream, id, once, topic, key, headers, delay, due, ttl. What has an id or"
      + " a key is published once.")
  private boolean envelopes;

  @Option(names = "--content-type", paramLabel = "TYPE", description = "The whole input is one message of bytes, of this content type, for example image/png.")
  private @Nullable String contentType;

  @Mixin
  private LineFields fields = new LineFields();

  @Option(names = "--batch", paramLabel = "N", description = "Most lines of a batch (1000).")
  private int batch = 1000;

  @Option(names = "--skip-bad", description = "Pass over lines that are not JSON, and count them.")
  private boolean skipBad;

  @Option(names = "--no-create", description = "Fail if the queue does not exist.")
  private boolean noCreate;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() throws Exception {
    if (batch < 1 || batch > MAX_BATCH) {
      throw new ParameterException(command.commandLine(),
          "--batch must be between 1 and " + MAX_BATCH + " but was " + batch);
    }
    check();
    Message<Payload> template = new Message<>(new Json("null"), topic, key, headers, delay, at, timeToLive);
    if (contentType != null) {
      return publishBytes(template, contentType);
    }
    Thread main = Thread.currentThread();
    try (Signals signals = Signals.catching(GRACE, main::interrupt);
        InputStream input = open();
        Howdah howdah = Howdah.open(database.url().dataSource(), HowdahOptions.defaults(),
            PublishRules.defaults().withCreateQueues(false));
        Publication publication = new Publication(format(howdah, template), !noCreate,
            Progress.of(command.commandLine().getErr(), "published"))) {
      int longest = envelopes ? LineBatches.MAX_ENVELOPE_BYTES : LineBatches.MAX_LINE_BYTES;
      LineBatches lines = new LineBatches(input, batch, longest, fields::complaint,
          skipBad ? publication::skip : Publication::stop);
      publication.run(lines);
    }
    return CommandLine.ExitCode.OK;
  }

  /** The input as one message; its size is limited by its stream. */
  private Integer publishBytes(Message<Payload> template, String type) throws IOException {
    try (InputStream input = open();
        Howdah howdah = Howdah.open(database.url().dataSource(), HowdahOptions.defaults(),
            PublishRules.defaults().withCreateQueues(!noCreate))) {
      byte[] content = input.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new HowdahException(ErrorCode.INVALID,
            "the input is longer than " + MAX_BYTES + " bytes; store large content elsewhere and publish where it is");
      }
      Message<Payload> message = new Message<>(new Bytes(content, type), template.topic(), template.key(),
          template.headers(), template.delay(), template.due(), template.timeToLive());
      Progress progress = Progress.of(command.commandLine().getErr(), "published");
      long there = new LineFormat.Part(howdah.queue(String.valueOf(queue), Payload.class), List.of(message),
          isOnced() ? List.of(new Once(once, id, within, untilDone)) : List.of()).publish();
      progress.add(1);
      progress.end(there == 0 ? "" : ", it was there already");
    }
    return CommandLine.ExitCode.OK;
  }

  private boolean isOnced() {
    return once != null || id != null;
  }

  private void check() {
    boolean onced = isOnced() || fields.hasOnce();
    String complaint = null;
    if (queue == null && !envelopes) {
      complaint = "Missing required parameter: 'QUEUE'";
    } else if (envelopes && (onced || topic != null || key != null || !headers.isEmpty() || !delay.isZero()
        || at != null || timeToLive != null || fields.isGiven() || contentType != null)) {
      complaint = "with --envelopes each line says what its message has";
    } else if (contentType != null && (fields.isGiven() || skipBad)) {
      complaint = "with --content-type the input is one message of bytes, not lines of JSON";
    } else if (isOnced() && fields.hasOnce() || key != null && fields.hasKey() || topic != null && fields.hasTopic()) {
      complaint = "give a key, a topic and a deduplication key once: for all lines, or as a member of each";
    } else if (!onced && (within != null || untilDone)) {
      complaint = "--within and --until-done belong to --once, --once-field or --id";
    } else if ((onced || envelopes) && batch > ONCE_BATCH) {
      complaint = "--batch must be at most " + ONCE_BATCH + " with --once, --once-field, --id and --envelopes";
    }
    if (complaint != null) {
      throw new ParameterException(command.commandLine(), complaint);
    }
  }

  private LineFormat format(Howdah howdah, Message<Payload> template) {
    if (envelopes || queue == null) {
      return new LineFormat.Envelopes(howdah, queue);
    }
    Once known = isOnced() ? new Once(once, id, within, untilDone) : null;
    return new LineFormat.Payloads(howdah.queue(queue, Payload.class), template, fields,
        values -> values.once() == null ? known : new Once(values.once(), null, within, untilDone));
  }

  private InputStream open() throws IOException {
    if (file == null) {
      return stdin();
    }
    if (Files.isDirectory(file)) {
      throw new HowdahException(ErrorCode.INVALID, file + " is a directory, not a file");
    }
    return Files.newInputStream(file);
  }

  /** It is the process's, not ours to close. */
  private static InputStream stdin() {
    return new FilterInputStream(System.in) {
      @Override
      public void close() {
        // stays open
      }
    };
  }
}
