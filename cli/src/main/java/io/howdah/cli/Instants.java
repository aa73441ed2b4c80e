package io.howdah.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times as people type them: ISO 8601 with an offset. */
final class Instants implements ITypeConverter<Instant> {

  @Override
  public Instant convert(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new TypeConversionException(
          "a time is written like 2030-06-01T08:00:00Z or 2030-06-01T10:00:00+02:00," + " but was \"" + text + "\"");
    }
  }
}
