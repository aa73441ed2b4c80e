package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.LimitOptions;
import io.howdah.QueueState;
import io.howdah.PurgeFilter;
import io.howdah.Operations;
import io.howdah.Ordering;
import io.howdah.RetryPolicy;
import io.howdah.Subscription;
import io.howdah.SubscriptionOptions;
import io.howdah.SubscriptionStats;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah queue}: the queues of a broker. */
@Command(name = "queue", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists, makes, changes and removes queues, and shows their numbers.", ""}, commandListHeading = "%nCommands:%n")
final class QueueCommand {

  private static final String QUEUE = "queue";
  private static final String NAME = "The queue or subscription.";

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "list", description = {"Lists the queues.", ""})
  int list(@Mixin DatabaseOptions database, @Option(names = "--json", description = "Writes JSON.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<String> names = howdah.stats().stream().filter(QueueCommand::isQueue).map(SubscriptionStats::subscription)
          .sorted().toList();
      if (json) {
        out().println(Output.json(names));
      } else {
        names.forEach(out()::println);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "stats", description = {"Shows the numbers of queues and subscriptions.", ""})
  int stats(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", arity = "0..*", description = "Queues or subscriptions; else all.") @Nullable List<String> names,
      @Option(names = "--json", description = "Writes JSON, one object for each.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      show(stats(howdah, names).stream().map(QueueCommand::fields).toList(), json);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "create", description = {
      "Makes a queue; one of this name is fine, if it has the options that are given.", ""})
  int create(@Mixin DatabaseOptions database, @Parameters(paramLabel = "QUEUE", description = "Its name.") String name,
      @Mixin LifeOptions life, @Mixin PolicyOptions policy, @Mixin OrderOptions order,
      @Option(names = "--stream", paramLabel = "S", description = "Bind it to this stream or queue, by --bind.") @Nullable String stream,
      @Option(names = "--bind", paramLabel = "PATTERN", description = "A pattern of topics; may be given several times.") @Nullable List<String> patterns) {
    if ((stream == null) != (patterns == null)) {
      throw new ParameterException(command.commandLine().getSubcommands().get("create"),
          "--stream and --bind belong together");
    }
    SubscriptionOptions options = life.change(SubscriptionOptions.defaults())
        .withRetries(policy.change(RetryPolicy.defaults())).withOrdering(order.chosen())
        .withLimits(policy.limits().change(LimitOptions.none()));
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      if (stream != null && patterns != null) {
        howdah.queue(name).create(howdah.stream(stream), options, patterns.toArray(String[]::new));
      } else {
        howdah.queue(name).create(options);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "alter", description = {
      "Changes what becomes of messages of a queue that fail or expire, its limits and how long it lives; its order cannot be"
          + " changed.",
      ""})
  int alter(@Mixin DatabaseOptions database, @Parameters(paramLabel = "QUEUE", description = "Its name.") String name,
      @Mixin LifeOptions life, @Mixin PolicyOptions policy, @Mixin OrderOptions order) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Ordering ordering = order.change(howdah.queue(name).ordering());
      if (ordering != null) {
        howdah.queue(name).alter(ordering);
      }
      if (ordering == null || policy.isGiven()) {
        howdah.queue(name).alter(policy.change(howdah.queue(name).retryPolicy()));
      }
      life.apply(howdah.subscription(name));
      policy.limits().apply(howdah.subscription(name));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "describe", description = {"Shows the options of queues and subscriptions.", ""})
  int describe(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", arity = "0..*", description = "Queues or subscriptions; else all.") @Nullable List<String> names,
      @Option(names = "--json", description = "Writes JSON, one object for each.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (SubscriptionStats each : stats(howdah, names)) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("subscription", each.subscription());
        row.put("stream", each.stream());
        row.put("kind", each.kind());
        Subscription<?> subscription = howdah.subscription(each.subscription());
        SubscriptionOptions options = subscription.options();
        row.put("paused", subscription.operations().isPaused());
        row.put("bindings", String.join(" ", subscription.bindings().list()));
        row.putAll(OrderOptions.fields(options.ordering() == null ? Ordering.none() : options.ordering()));
        row.putAll(PolicyOptions.fields(options.retries()));
        row.putAll(LimitParameters.fields(subscription.limits()));
        row.putAll(LifeOptions.fields(options));
        rows.add(row);
      }
      show(rows, json);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "drop", description = {"Removes a queue; refused while messages wait in it.", ""})
  int drop(@Mixin DatabaseOptions database, @Parameters(paramLabel = "QUEUE", description = "Its name.") String name,
      @Option(names = "--force", description = "Also while messages wait; they are lost.") boolean force) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      if (!howdah.queue(name).drop(force)) {
        throw new HowdahException(ErrorCode.NOT_FOUND,
            "queue \"" + name + "\" does not exist; howdah queue list shows all");
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "pause", description = {
      "Hands nothing out any more, to nobody, until it is resumed. What was handed out stays with its consumers.", ""})
  int pause(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      operations(howdah, name).pause();
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "resume", description = {"Ends a pause.", ""})
  int resume(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      operations(howdah, name).resume();
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "wake", description = {"Makes the consumers look now.", ""})
  int wake(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      operations(howdah, name).wake();
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "state", description = {
      "Says whether there is something to do: ready, empty, or later and when: the first scheduled message falls due or the"
          + " first lease ends.",
      ""})
  int state(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--json", description = "Writes JSON.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Map<String, Object> fields = new LinkedHashMap<>();
      switch (operations(howdah, name).state()) {
        case QueueState.Empty empty -> fields.put("state", "empty");
        case QueueState.Ready ready -> fields.put("state", "ready");
        case QueueState.Later later -> {
          fields.put("state", "later");
          fields.put("at", later.at().toString());
        }
      }
      out().println(
          json ? Output.json(fields) : String.join(" ", fields.values().stream().map(String::valueOf).toList()));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "purge", description = {
      "Removes what waits, and says how many messages that were: what is ready, and scheduled retries; for a queue with a"
          + " stream of its own that nobody else reads, delayed messages, too. What is in flight stays with its consumers.",
      ""})
  int purge(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--topic", paramLabel = "PATTERN", description = "Only messages whose topic matches.") @Nullable String topic,
      @Option(names = "--key", paramLabel = "KEY", description = "Only messages with this key.") @Nullable String key,
      @Option(names = "--dry-run", description = "Only count.") boolean dryRun) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      PurgeFilter filter = new PurgeFilter(topic, key);
      Operations operations = operations(howdah, name);
      out().println(dryRun ? operations.countPurgeable(filter) : operations.purge(filter));
    }
    return CommandLine.ExitCode.OK;
  }

  private static Operations operations(Howdah howdah, String name) {
    return howdah.subscription(name).operations();
  }

  static boolean isQueue(SubscriptionStats stats) {
    return stats.kind().equals(QUEUE);
  }

  private static List<SubscriptionStats> stats(Howdah howdah, @Nullable List<String> names) {
    return names == null || names.isEmpty()
        ? howdah.stats()
        : names.stream().map(name -> howdah.subscription(name).stats()).toList();
  }

  private void show(List<Map<String, Object>> rows, boolean json) {
    if (json) {
      rows.forEach(row -> out().println(Output.json(row)));
    } else if (!rows.isEmpty()) {
      out().print(Output.table(rows));
    }
    out().flush();
  }

  /** Named as in SQL. */
  private static Map<String, Object> fields(SubscriptionStats stats) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("subscription", stats.subscription());
    fields.put("stream", stats.stream());
    fields.put("kind", stats.kind());
    fields.put("ready", stats.ready());
    fields.put("in_flight", stats.inFlight());
    fields.put("scheduled", stats.scheduled());
    fields.put("dead", stats.dead());
    fields.put("published", stats.published());
    fields.put("oldest_ready", stats.oldestReady() == null ? null : stats.oldestReady().toString());
    fields.put("discarded", stats.discarded());
    fields.put("blocked", stats.blocked());
    fields.put("expired", stats.expired());
    fields.put("archived", stats.archived());
    fields.put("newest", stats.newest() == null ? null : stats.newest().toString());
    return fields;
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
