package io.howdah.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Says whether a line is exactly one JSON value, before a database has to.
 * Thread-safe.
 */
final class JsonCheck {

  private static final int DEEPEST = 512;

  private final JsonFactory json;

  /**
   * @param longest
   *          no number and no name in a line is longer than the line, so this is
   *          the only limit they need
   */
  JsonCheck(int longest) {
    StreamReadConstraints limits = StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxStringLength(longest)
        .maxNameLength(longest).maxNumberLength(longest).build();
    json = JsonFactory.builder().streamReadConstraints(limits).build();
  }

  /**
   * What is wrong with the line and at which column (from 1), or empty if it is
   * one JSON value.
   */
  Optional<String> complaint(String line) {
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), line)) {
      int depth = 0;
      do {
        if (parser.nextToken() == null) {
          return Optional.of("the line ends too early");
        }
        depth += parser.currentToken().isStructStart() ? 1 : parser.currentToken().isStructEnd() ? -1 : 0;
      } while (depth > 0);
      return parser.nextToken() == null
          ? badEscape(line)
          : Optional.of(at(parser.currentTokenLocation()) + "more than one JSON value");
    } catch (StreamConstraintsException e) {
      return Optional.of("it is nested deeper than " + DEEPEST + " levels");
    } catch (JacksonException e) {
      return Optional.of(at(e.getLocation()) + firstLine(e.getOriginalMessage()));
    }
  }

  /** An escape that is no character can be stored, and then no reader can take the text apart. The line is JSON. */
  private static Optional<String> badEscape(String line) {
    for (int at = line.indexOf('\\'); at >= 0; at = line.indexOf('\\', at)) {
      if (line.charAt(at + 1) != 'u') {
        at += 2;
        continue;
      }
      char unit = (char) Integer.parseInt(line, at + 2, at + 6, 16);
      boolean opensPair = Character.isHighSurrogate(unit) && isLowEscape(line, at + 6);
      if (unit == 0 || Character.isSurrogate(unit) && !opensPair) {
        return Optional
            .of("column " + (at + 1) + ": an escape that is no character (\\u0000, or half of a surrogate pair)");
      }
      at += opensPair ? 12 : 6;
    }
    return Optional.empty();
  }

  private static boolean isLowEscape(String line, int at) {
    return line.startsWith("\\u", at) && Character.isLowSurrogate((char) Integer.parseInt(line, at + 2, at + 6, 16));
  }

  private static String at(@Nullable TokenStreamLocation location) {
    return location == null || location.getColumnNr() < 1 ? "" : "column " + location.getColumnNr() + ": ";
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("not JSON");
  }
}
