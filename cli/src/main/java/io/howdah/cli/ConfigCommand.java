package io.howdah.cli;

import io.howdah.Configuration;
import io.howdah.ErrorCode;
import io.howdah.FleetSetting;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Knob;
import io.howdah.KnobSetting;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah config}: the knobs of this process, and the settings of the fleet. */
@Command(name = "config", description = {
    "Shows the knobs of a process that is started here: their values, and where each comes from.", "",
    "A knob is set in the program, or else by -Dhowdah.pollInterval=1s, or else by HOWDAH_POLL_INTERVAL=1s. With --fleet:"
        + " the settings that lie in the database and hold for all; set and reset change those.",
    ""}, commandListHeading = "%nCommands:%n")
final class ConfigCommand implements Callable<Integer> {

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Option(names = "--fleet", description = "Shows the settings of the fleet.")
  private boolean fleet;

  @Option(names = "--json", description = "Writes JSON, one object for each.")
  private boolean json;

  @Override
  public Integer call() {
    List<Map<String, Object>> rows = fleet
        ? with(database, Configuration::list).stream().map(ConfigCommand::fields).toList()
        : Knob.settings().stream().map(ConfigCommand::fields).toList();
    if (json) {
      rows.forEach(row -> out().println(Output.json(row)));
    } else {
      out().print(Output.table(rows));
      out().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "set", description = {"Gives a setting of the fleet a value, from now on, for all.", ""})
  int set(@Mixin DatabaseOptions broker, @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Parameters(paramLabel = "VALUE", description = "For example 256MB, or \"12 hours\".") String value) {
    refuseKnob(name);
    String kept = with(broker, configuration -> configuration.set(name, value));
    out().println(kept);
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "reset", description = {"Gives a setting of the fleet its default again.", ""})
  int reset(@Mixin DatabaseOptions broker, @Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    refuseKnob(name);
    String kept = with(broker, configuration -> configuration.reset(name));
    out().println(kept);
    return CommandLine.ExitCode.OK;
  }

  private static void refuseKnob(String name) {
    for (Knob knob : Knob.values()) {
      if (knob.id().equals(name)) {
        throw new HowdahException(ErrorCode.INVALID,
            name + " is a knob of each process, not a setting of the fleet; set " + knob.variable() + " or -D"
                + knob.property() + " where the process is started");
      }
    }
  }

  private static <R> R with(DatabaseOptions broker, Function<Configuration, R> work) {
    try (Howdah howdah = Howdah.open(broker.url().dataSource())) {
      return work.apply(howdah.configuration());
    }
  }

  private static Map<String, Object> fields(KnobSetting setting) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("knob", setting.knob().id());
    fields.put("value", setting.value());
    fields.put("origin", setting.origin());
    fields.put("meaning", setting.knob().meaning());
    return fields;
  }

  private static Map<String, Object> fields(FleetSetting setting) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("setting", setting.name());
    fields.put("value", setting.value());
    fields.put("origin", setting.configured() ? "configured" : "default");
    fields.put("default", setting.standard());
    fields.put("meaning", setting.meaning());
    return fields;
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
