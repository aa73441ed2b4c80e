package io.howdah.cli;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Payload;
import io.howdah.PeekedMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** {@code howdah peek}: looks at messages that wait. */
@Command(name = "peek", sortOptions = false, description = {
    "Shows the messages that come next, of one queue or of all, and takes none of them. Shows nothing if none is ready.",
    ""})
final class PeekCommand implements Callable<Integer> {

  private static final int MOST = 10_000;
  private static final int WIDEST = 60;

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "Queues or subscriptions; else all.")
  private @Nullable List<String> names;

  @Option(names = "--max", paramLabel = "N", description = "Most messages of each, 1 to 10000 (10).")
  private int max = 10;

  @Option(names = "--in-flight", description = "Also those that a consumer has.")
  private boolean inFlight;

  @Option(names = "--json", description = "Writes JSON, one object for each, with all that is known.")
  private boolean json;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() throws IOException {
    if (max < 1 || max > MOST) {
      throw new ParameterException(command.commandLine(), "--max must be between 1 and " + MOST + " but was " + max);
    }
    PrintWriter out = command.commandLine().getOut();
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<PeekedMessage> messages = messages(howdah);
      if (json) {
        for (PeekedMessage each : messages) {
          out.println(LineWriter.envelope(each.subscription(), each.delivery()));
        }
      } else if (!messages.isEmpty()) {
        out.print(Output.table(messages.stream().map(PeekCommand::row).toList()));
      }
      out.flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private List<PeekedMessage> messages(Howdah howdah) {
    if (names == null || names.isEmpty()) {
      return howdah.peekAll(max, inFlight);
    }
    List<PeekedMessage> messages = new ArrayList<>();
    for (String name : names) {
      howdah.subscription(name, Payload.class).peek(max, inFlight)
          .forEach(delivery -> messages.add(new PeekedMessage(name, delivery)));
    }
    return messages;
  }

  private static Map<String, Object> row(PeekedMessage message) {
    Delivery<Payload> delivery = message.delivery();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("subscription", message.subscription());
    row.put("position", delivery.position() == 0 ? "" : delivery.position()); // it was committed a moment ago
    row.put("attempt", delivery.attempt());
    row.put("topic", delivery.topic());
    row.put("key", delivery.key());
    row.put("published_at", delivery.publishedAt());
    row.put("payload", shown(delivery.raw()));
    return row;
  }

  /** As much of it as fits; of bytes only what they are. */
  private static String shown(Payload payload) {
    String text = PayloadText.shown(payload);
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
  }
}
