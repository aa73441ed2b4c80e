package io.howdah.embedded;

import static java.util.concurrent.CompletableFuture.delayedExecutor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A short program that runs to its end, within a bound. */
final class Command {
  private static final int SECONDS = 120;

  private Command() {
  }

  /** @param output standard output and standard error together */
  record Result(int status, String output) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /**
   * A program whose environment holds nothing of the caller's but the search path: PGPORT, PGOPTIONS, LD_LIBRARY_PATH
   * and their like would change what PostgreSQL does. Texts in English, because some of them are read.
   */
  static ProcessBuilder builder(List<String> words, Path directory) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
    String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().clear();
    builder.environment().putAll(Map.of("PATH", path, "LC_ALL", "C", "TZ", "UTC"));
    return builder;
  }

  /** Status 127 and the reason when the program cannot be started at all. */
  static Result run(List<String> words, Path directory) {
    Process process;
    try {
      process = builder(words, directory).start();
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    }
    var bound = CompletableFuture.runAsync(process::destroyForcibly, delayedExecutor(SECONDS, TimeUnit.SECONDS));
    try (var ignored = process.getOutputStream(); var in = process.getInputStream()) {
      String output = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw EmbeddedException.of("run " + words.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while " + words.getFirst() + " ran", e);
    } finally {
      bound.cancel(false);
      process.destroyForcibly();
    }
  }
}
