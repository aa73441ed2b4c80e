package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.embedded.EmbeddedException;
import io.howdah.schema.SchemaException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Why a command failed: the one place that makes an exception one line on stderr and an exit status. */
record Failure(ErrorCode code, String message, Throwable cause) {

  private static final int USAGE = 2;

  static Failure of(Throwable cause) {
    return switch (cause) {
      case HowdahException known -> new Failure(known.code(), text(known), known);
      case LineBatches.BadLine line -> new Failure(ErrorCode.INVALID, text(line), line);
      case SchemaException schema -> new Failure(codeOf(schema), text(schema), schema);
      case EmbeddedException embedded -> new Failure(ErrorCode.UNAVAILABLE, text(embedded), embedded);
      case NoSuchFileException file ->
        new Failure(ErrorCode.INVALID, "file " + file.getFile() + " does not exist", file);
      case AccessDeniedException file -> new Failure(ErrorCode.DENIED, "no permission for " + file.getFile(), file);
      case IOException io -> new Failure(ErrorCode.INTERNAL, text(io), io);
      default -> new Failure(ErrorCode.INTERNAL, "this is a defect: " + cause + "; --verbose shows where", cause);
    };
  }

  /** Says what is wrong with a command line and where help is; returns the exit status. */
  static int ofUsage(ParameterException exception) {
    CommandLine command = exception.getCommandLine();
    command.getErr().println("howdah: " + exception.getMessage());
    if (command.getSubcommands().isEmpty() || !command.getParseResult().originalArgs().isEmpty()) {
      command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    } else {
      command.usage(command.getErr());
    }
    return USAGE;
  }

  /** Tells the user; returns the exit status. */
  int show(CommandLine command, boolean verbose) {
    command.getErr().println("howdah: " + message);
    if (verbose) {
      cause.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return status();
  }

  int status() {
    return switch (code) {
      case INTERNAL, LAPSED, CLOSED, UNSUPPORTED -> 1;
      case INVALID, UNDECODABLE -> USAGE;
      case UNROUTABLE, NOT_FOUND, GONE -> 3;
      case CONFLICT -> 4;
      case UNAVAILABLE, TIMEOUT, CONTENTION -> 5;
      case SCHEMA_MISSING, SCHEMA_VERSION -> 6;
      case DENIED -> 7;
    };
  }

  /** A schema that cannot be installed because nobody answers is no trouble with the schema. */
  private static ErrorCode codeOf(SchemaException schema) {
    boolean unreachable = schema.getCause() instanceof SQLException sql && sql.getSQLState() != null
        && sql.getSQLState().startsWith("08");
    return unreachable ? ErrorCode.UNAVAILABLE : ErrorCode.SCHEMA_VERSION;
  }

  private static String text(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
