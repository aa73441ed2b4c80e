package io.howdah.internal.catalogue;

import io.howdah.StartPosition;
import org.jspecify.annotations.Nullable;

/** A start position as the database takes it: one of three arguments. */
public record StartText(@Nullable String word, @Nullable String time, @Nullable String position) {

  public static StartText of(StartPosition start) {
    return switch (start) {
      case StartPosition.Now now -> new StartText("now", null, null);
      case StartPosition.Beginning beginning -> new StartText("beginning", null, null);
      case StartPosition.Time time -> new StartText(null, time.instant().toString(), null);
      case StartPosition.Position position -> new StartText(null, null, Long.toString(position.number()));
    };
  }
}
