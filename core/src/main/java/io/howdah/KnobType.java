package io.howdah;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** What the text of a {@link Knob} means, and which values it may have. */
sealed interface KnobType {

  /** The value; an IllegalArgumentException says what was expected. */
  Object parse(String text);

  /** Switched on or off. */
  record Flag() implements KnobType {
    @Override
    public Boolean parse(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException("true or false");
      };
    }
  }

  /** A whole number. */
  record Count(long least, long most) implements KnobType {
    @Override
    public Long parse(String text) {
      if (text.matches("\\d{1,18}") && contains(Long.parseLong(text))) {
        return Long.parseLong(text);
      }
      throw new IllegalArgumentException("a whole number from " + least + " to " + most);
    }

    boolean contains(long value) {
      return value >= least && value <= most;
    }
  }

  /** A duration. */
  record Time(Duration least, Duration most) implements KnobType {
    @Override
    public Duration parse(String text) {
      try {
        Duration value = Durations.parse(text);
        if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
          return value;
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(expected(), e);
      }
      throw new IllegalArgumentException(expected());
    }

    private String expected() {
      return "a duration from " + Durations.text(least) + " to " + Durations.text(most) + ", for example 30s";
    }
  }

  /** A directory, which need not be there. */
  record Directory() implements KnobType {
    private static final String EXPECTED = "the path of a directory";

    @Override
    public Path parse(String text) {
      try {
        if (!text.isBlank()) {
          return Path.of(text);
        }
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException(EXPECTED, e);
      }
      throw new IllegalArgumentException(EXPECTED);
    }
  }

  /** Names, separated by commas. */
  record Names() implements KnobType {
    @Override
    public Set<String> parse(String text) {
      Set<String> names = new TreeSet<>();
      for (String name : text.split(",", -1)) {
        if (!name.isBlank()) {
          names.add(name.strip());
        }
      }
      return names;
    }
  }
}
