package io.howdah.schema;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One function, one file: {@code functions/<noun>/<name>.sql} creates or
 * replaces {@code howdah.<name>}.
 */
record FunctionFile(String path, String sql) {
  private static final Pattern QUOTE = Pattern.compile("\\$[a-z_]*\\$");
  private static final Pattern COMMENT_LINE = Pattern.compile("(?m)^\\s*--.*$");

  String name() {
    return path.substring(path.lastIndexOf('/') + 1, path.length() - ".sql".length());
  }

  /**
   * The text between the dollar quotes: what PostgreSQL keeps as
   * {@code pg_proc.prosrc}.
   */
  String body() {
    Matcher comment = COMMENT_LINE.matcher(sql);
    StringBuilder blanked = new StringBuilder();
    while (comment.find()) {
      comment.appendReplacement(blanked, " ".repeat(comment.end() - comment.start()));
    }
    comment.appendTail(blanked);
    Matcher quote = QUOTE.matcher(blanked);
    if (!quote.find()) {
      throw new SchemaException("function file " + path + " has no dollar-quoted body", null);
    }
    int end = blanked.lastIndexOf(quote.group());
    return sql.substring(quote.end(), Math.max(end, quote.end()));
  }
}
