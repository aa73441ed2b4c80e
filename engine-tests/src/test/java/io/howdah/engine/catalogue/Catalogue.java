package io.howdah.engine.catalogue;

import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Schema howdah of one database, written down as catalogue.sql asks for it. */
final class Catalogue {
  private static final String CHAPTER = "\n-- # ";

  private Catalogue() {
  }

  static String of(TestDatabase database) throws IOException {
    String[] chapters = queries().split(CHAPTER, -1);
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < chapters.length; i++) {
      int heading = chapters[i].indexOf('\n');
      List<String> lines = database.texts(chapters[i].substring(heading));
      text.append(i == 1 ? "# " : "\n# ").append(chapters[i], 0, heading).append('\n');
      (lines.isEmpty() ? List.of("(none)") : lines).forEach(line -> text.append(line).append('\n'));
    }
    return text.toString();
  }

  private static String queries() throws IOException {
    try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.sql")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
