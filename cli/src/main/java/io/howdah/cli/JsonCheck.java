package io.howdah.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Says whether a line is exactly one JSON value, before a database has to.
 * Thread-safe.
 */
final class JsonCheck {

  private static final int DEEPEST = 1000;

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
          ? Optional.empty()
          : Optional.of(at(parser.currentTokenLocation()) + "more than one JSON value");
    } catch (JacksonException e) {
      return Optional.of(at(e.getLocation()) + firstLine(e.getOriginalMessage()));
    }
  }

  private static String at(@Nullable TokenStreamLocation location) {
    return location == null || location.getColumnNr() < 1 ? "" : "column " + location.getColumnNr() + ": ";
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("not JSON");
  }
}
