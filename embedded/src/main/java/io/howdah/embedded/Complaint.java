package io.howdah.embedded;

import java.util.List;
import java.util.regex.Pattern;

/** Finds in what a PostgreSQL program wrote the line that says why it failed. */
final class Complaint {
  private static final Pattern REASON = Pattern.compile("(?i)\\b(PANIC|FATAL|ERROR):\\s+(.*)");

  private Complaint() {
  }

  /** The first reason that is named, and the last line where none is. */
  static String in(List<String> lines) {
    return lines.stream().map(REASON::matcher).filter(line -> line.find()).map(line -> line.group(2)).findFirst()
        .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
  }
}
