package io.howdah.cli;

import io.howdah.StartPosition;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where a subscription starts, as people type it: {@code now}, {@code beginning}, a position, or a time. */
final class Where implements ITypeConverter<StartPosition> {

  @Override
  public StartPosition convert(String text) {
    if (text.equals("now")) {
      return StartPosition.now();
    } else if (text.equals("beginning")) {
      return StartPosition.beginning();
    } else if (text.matches("[1-9]\\d{0,17}")) {
      return StartPosition.at(Long.parseLong(text));
    }
    try {
      return StartPosition.at(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      throw new TypeConversionException("use now or beginning, a position such as 4711, or a time such as "
          + "2030-06-01T08:00:00Z, not \"" + text + "\"");
    }
  }
}
