package io.howdah.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code howdah version}: which Howdah this is, and the Java it runs on. */
@Command(name = "version", description = {"Prints the version.", ""})
final class Version implements Callable<Integer>, IVersionProvider {

  @Spec
  private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec != null) {
      spec.commandLine().getOut().println(getVersion()[0]);
    }
    return CommandLine.ExitCode.OK;
  }

  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[]{"howdah " + (version == null ? "(unpackaged)" : version) + ", Java " + Runtime.version()};
  }
}
