package io.howdah.cli;

import io.howdah.Howdah;
import io.howdah.Payload;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah pop}: takes messages for good. */
@Command(name = "pop", sortOptions = false, description = {
    "Takes messages that are ready and writes each to stdout as one JSON line. They are settled before they are written, so"
        + " each comes at most once, and what is lost on the way is lost: howdah consume loses nothing. Writes nothing if none"
        + " is ready.",
    ""})
final class PopCommand implements Callable<Integer> {

  private static final int MOST = 10_000;

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The queue or subscription.")
  private String name = "";

  @Option(names = "--max", paramLabel = "N", description = "Most messages, 1 to 10000 (1).")
  private int max = 1;

  @Option(names = {"--json",
      "--envelope"}, description = "Write id, position, attempt, topic, key, headers and time of each message, too.")
  private boolean envelope;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Override
  public Integer call() throws IOException {
    if (max < 1 || max > MOST) {
      throw new ParameterException(command.commandLine(), "--max must be between 1 and " + MOST + " but was " + max);
    }
    try (Howdah howdah = Howdah.open(database.url().dataSource());
        FileOutputStream stdout = new FileOutputStream(FileDescriptor.out);
        LineWriter writer = new LineWriter(stdout, envelope)) {
      for (var delivery : howdah.subscription(name, Payload.class).pop(max)) {
        writer.write(delivery);
      }
      writer.flush();
    }
    return CommandLine.ExitCode.OK;
  }
}
