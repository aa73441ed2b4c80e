package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.LimitOptions;
import io.howdah.Operations;
import io.howdah.Ordering;
import io.howdah.RetryPolicy;
import io.howdah.SeekResult;
import io.howdah.StartPosition;
import io.howdah.Subscription;
import io.howdah.SubscriptionOptions;
import io.howdah.SubscriptionStats;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah subscription}: the readers of streams. A queue's own one belongs to {@code howdah queue}. */
@Command(name = "subscription", synopsisSubcommandLabel = "COMMAND", description = {
    "Lists, makes, changes and removes subscriptions of streams; howdah queue stats shows their numbers.",
    ""}, commandListHeading = "%nCommands:%n")
final class SubscriptionCommand {

  private static final String WHERE = "now, beginning (what the stream still has), a position, or a time: what was published then"
      + " or later.";

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Command(name = "list", description = {"Lists the subscriptions; that of a queue itself is not among them.", ""})
  int list(@Mixin DatabaseOptions database,
      @Option(names = "--stream", paramLabel = "S", description = "Only those of this stream.") @Nullable String stream,
      @Option(names = "--json", description = "Writes JSON.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<String> names = howdah.stats().stream().filter(each -> !QueueCommand.isQueue(each))
          .filter(each -> stream == null || each.stream().equals(stream)).map(SubscriptionStats::subscription).sorted()
          .toList();
      if (json) {
        out().println(Output.json(names));
      } else {
        names.forEach(out()::println);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "create", description = {
      "Makes a subscription of a stream or queue; if that has one of this name, that is fine.", ""})
  int create(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", description = "Its name, the only one in the database.") String name,
      @Option(names = "--stream", paramLabel = "S", required = true, description = "The stream or queue that it reads.") String stream,
      @Option(names = "--from", paramLabel = "WHERE", defaultValue = "now", converter = Where.class, description = "Where it starts (now): "
          + WHERE) StartPosition from,
      @Mixin LifeOptions life, @Mixin PolicyOptions policy, @Mixin OrderOptions order) {
    SubscriptionOptions options = options(life, policy, order);
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.stream(stream).subscribe(name, from, options);
    }
    return CommandLine.ExitCode.OK;
  }

  private static SubscriptionOptions options(LifeOptions life, PolicyOptions policy, OrderOptions order) {
    return life.change(SubscriptionOptions.defaults()).withRetries(policy.change(RetryPolicy.defaults()))
        .withOrdering(order.chosen()).withLimits(policy.limits().change(LimitOptions.none()));
  }

  @Command(name = "share", description = {
      "Finds the subscription of a stream that others made in the same way, or makes it, and says its name. It starts with what"
          + " is published from now on; it expires after the longest time that anybody asked for.",
      ""})
  int share(@Mixin DatabaseOptions database,
      @Option(names = "--stream", paramLabel = "S", required = true, description = "The stream or queue that it reads.") String stream,
      @Option(names = "--bind", paramLabel = "PATTERN", description = "A pattern of topics; may be given several times (all messages).") @Nullable List<String> patterns,
      @Mixin LifeOptions life, @Mixin PolicyOptions policy, @Mixin OrderOptions order) {
    SubscriptionOptions options = options(life, policy, order);
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      out().println(howdah.stream(stream)
          .share(options, patterns == null ? new String[0] : patterns.toArray(String[]::new)).name());
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "alter", description = {
      "Changes what a subscription is like: what becomes of messages that fail or expire, whether failures block, limits, its"
          + " part and how long it lives; howdah queue describe shows it. Its order cannot be changed.",
      ""})
  int alter(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Mixin LifeOptions life, @Mixin PolicyOptions policy, @Mixin OrderOptions order) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Subscription<?> subscription = howdah.subscription(name);
      SubscriptionOptions options = subscription.options();
      Ordering ordering = order.change(options.ordering() == null ? Ordering.none() : options.ordering());
      subscription.alter(life.change(options).withRetries(policy.change(options.retries()))
          .withOrdering(ordering == null ? options.ordering() : ordering)
          .withLimits(policy.limits().change(options.limits())));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "shadow", description = {
      "Makes a subscription with the options and bindings of another one, and leaves that alone: to read a stream once more.",
      ""})
  int shadow(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", description = "Its name, the only one in the database.") String name,
      @Option(names = "--of", paramLabel = "NAME", required = true, description = "The queue or subscription that it is like.") String original,
      @Option(names = "--from", paramLabel = "WHERE", required = true, converter = Where.class, description = WHERE) StartPosition from) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      howdah.subscription(original).shadow(name, from);
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "seek", description = {
      "Moves a queue or subscription back or forward; all that lies there and behind it comes. Leases that run are over.",
      "What it had passed before and is not settled comes again.", ""})
  int seek(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "NAME", description = "The queue or subscription.") String name,
      @Option(names = "--to", paramLabel = "WHERE", required = true, converter = Where.class, description = WHERE) StartPosition to,
      @Option(names = "--drop-unsettled", description = "Gives up what is not settled before that place.") boolean drop,
      @Option(names = "--json", description = "Writes JSON.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Operations operations = howdah.subscription(name).operations();
      SeekResult result = drop ? operations.seekAndDropUnsettled(to) : operations.seek(to);
      if (json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("position", result.position());
        fields.put("replayed", result.replayed());
        fields.put("skipped", result.skipped());
        out().println(Output.json(fields));
      } else {
        out().println("goes on at position " + result.position() + "; back over " + result.replayed() + ", skipped "
            + result.skipped());
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "drop", description = {"Removes a subscription; refused while messages wait for it.", ""})
  int drop(@Mixin DatabaseOptions database, @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Option(names = "--force", description = "Also while messages wait; this subscription loses them.") boolean force) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      if (howdah.stats().stream().anyMatch(each -> each.subscription().equals(name) && QueueCommand.isQueue(each))) {
        throw new HowdahException(ErrorCode.CONFLICT,
            "\"" + name + "\" is a queue; howdah queue drop " + name + " removes it");
      }
      if (!howdah.subscription(name).drop(force)) {
        throw new HowdahException(ErrorCode.NOT_FOUND,
            "subscription \"" + name + "\" does not exist; howdah subscription list shows all");
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
