package io.howdah.cli;

import io.howdah.Howdah;
import io.howdah.Route;
import java.io.PrintWriter;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah route}: a dry run. */
@Command(name = "route", description = {
    "Shows who would get a message, and why. Publishes nothing; shows nothing if nobody would get it.", ""})
final class RouteCommand implements Callable<Integer> {

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "STREAM", description = "The stream, queue or subscription to publish to.")
  private String stream = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "TOPIC", description = "The topic; else a message without one.")
  private @Nullable String topic;

  @Option(names = "--json", description = "Writes JSON, one object for each.")
  private boolean json;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() {
    PrintWriter out = command.commandLine().getOut();
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      List<Route> routes = howdah.stream(stream).route(topic);
      if (json) {
        routes.forEach(route -> out.println(Output.json(fields(route))));
      } else if (!routes.isEmpty()) {
        out.print(Output.table(List.of("subscription", "why"),
            routes.stream().map(route -> List.of(route.subscription(), route.why())).toList()));
      }
      out.flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> fields(Route route) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("subscription", route.subscription());
    fields.put("patterns", route.patterns());
    fields.put("why", route.why());
    return fields;
  }
}
