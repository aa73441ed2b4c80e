package io.howdah.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code howdah}: everything that can be done with a broker from a shell. */
@Command(name = "howdah", mixinStandardHelpOptions = true, versionProvider = Version.class, description = "A message broker that lives inside PostgreSQL.", subcommands = Version.class)
public final class Main {

  private Main() {
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }
}
