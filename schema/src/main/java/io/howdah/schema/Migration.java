package io.howdah.schema;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One numbered step of the tables' history, run once per database and never
 * edited once released.
 */
record Migration(int number, String name, String sql) {
  private static final Pattern FILE_NAME = Pattern.compile("([0-9]{4})_([a-z0-9_]+)\\.sql");

  Migration {
    if (number < 1) {
      throw new IllegalArgumentException("a migration's number must be at least 1 but was " + number);
    }
  }

  static Migration parse(String fileName, String sql) {
    Matcher matcher = FILE_NAME.matcher(fileName);
    if (!matcher.matches()) {
      throw new SchemaException("migration file \"" + fileName + "\" must be named like 0001_log.sql", null);
    }
    return new Migration(Integer.parseInt(matcher.group(1)), matcher.group(2), sql);
  }

  String label() {
    return "migration %04d_%s".formatted(number, name);
  }

  String checksum() {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
