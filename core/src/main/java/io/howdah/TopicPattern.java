package io.howdah;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of topics: words joined by dots, where {@code *} stands for exactly one word and {@code #} for any number of
 * words, none included: {@code logs.#} matches {@code logs}. Case counts. The same grammar as in SQL.
 *
 * @param text the pattern, at most 255 bytes
 */
public record TopicPattern(String text) {

  private static final Pattern SHAPE = Pattern.compile("([A-Za-z0-9_:-]+|[*]|#)(\\.([A-Za-z0-9_:-]+|[*]|#))*");
  private static final int LONGEST = 255;

  public TopicPattern {
    if (text.length() > LONGEST || !SHAPE.matcher(text).matches()) {
      throw Limits.invalid("pattern \"" + (text.length() > 80 ? text.substring(0, 80) + "…" : text)
          + "\" is not valid: " + complaint(text)
          + "; a pattern is words joined by single dots; * is one word, # is any number of words");
    }
  }

  public static TopicPattern of(String text) {
    return new TopicPattern(text);
  }

  private static String complaint(String text) {
    if (text.isEmpty()) {
      return "it is empty; # takes everything";
    } else if (text.length() > LONGEST) {
      return "it is longer than 255 bytes";
    } else if (text.startsWith(".") || text.contains("..") || text.endsWith(".")) {
      return "it has an empty word";
    } else if (Arrays.stream(text.split("\\.")).anyMatch(word -> word.length() > 1 && word.matches(".*[*#].*"))) {
      return "* and # stand for whole words";
    }
    return "a word is made of letters, digits, _ - and :";
  }

  /** Whether a topic matches; a message without a topic (null) has no words, so only {@code #} matches it. */
  public boolean matches(@Nullable String topic) {
    List<String> topicWords = topic == null ? List.of() : List.of(topic.split("\\.", -1));
    // reached[i]: the words of the pattern so far can stand for the first i words of the topic
    boolean[] reached = new boolean[topicWords.size() + 1];
    reached[0] = true;
    for (String word : text.split("\\.")) {
      reached = word.equals("#") ? spread(reached) : step(reached, word, topicWords);
    }
    return reached[topicWords.size()];
  }

  private static boolean[] spread(boolean[] reached) {
    boolean[] next = reached.clone();
    for (int i = 1; i < next.length; i++) {
      next[i] |= next[i - 1];
    }
    return next;
  }

  private static boolean[] step(boolean[] reached, String word, List<String> topicWords) {
    boolean[] next = new boolean[reached.length];
    for (int i = 1; i < next.length; i++) {
      next[i] = reached[i - 1] && (word.equals("*") || word.equals(topicWords.get(i - 1)));
    }
    return next;
  }

  @Override
  public String toString() {
    return text;
  }
}
