package io.howdah.internal.codec;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The two JSON shapes that the client itself reads and writes, so that it needs
 * no JSON library: a string, and an object of strings. Everything else is the
 * codec's business.
 */
final class JsonText {

  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  static String quote(String value) {
    StringBuilder out = new StringBuilder(value.length() + 16);
    quote(value, out);
    return out.toString();
  }

  static void quote(String value, StringBuilder out) {
    out.append('"');
    int copied = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\') {
        continue;
      }
      out.append(value, copied, i);
      escape(c, out);
      copied = i + 1;
    }
    out.append(value, copied, value.length()).append('"');
  }

  private static void escape(char c, StringBuilder out) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        out.append("\\u00");
        out.append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 0xf, 16));
      }
    }
  }

  static String unquote(String json) {
    JsonText reader = new JsonText(json);
    String value = reader.string();
    reader.end();
    return value;
  }

  static Map<String, String> object(String json) {
    JsonText reader = new JsonText(json);
    Map<String, String> members = new LinkedHashMap<>();
    reader.expect('{');
    if (reader.peek() == '}') {
      reader.expect('}');
    } else {
      do {
        String name = reader.string();
        reader.expect(':');
        members.put(name, reader.peek() == '"' ? reader.string() : reader.raw());
      } while (reader.comma());
    }
    reader.end();
    return members;
  }

  private boolean comma() {
    char c = peek();
    if (c == ',') {
      at++;
      return true;
    }
    expect('}');
    return false;
  }

  private String string() {
    expect('"');
    int start = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        return text.substring(start, at++);
      }
      if (c == '\\') {
        return escapedString(start);
      }
      if (c < ' ') {
        throw wrong("an unescaped control character");
      }
      at++;
    }
    throw wrong("an unfinished string");
  }

  /** The text of a value of any kind, in text that is known to be JSON. */
  private String raw() {
    int start = at;
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        string();
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) {
        return text.substring(start, at).strip();
      }
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      at++;
    }
    throw wrong("an unfinished value");
  }

  private String escapedString(int start) {
    StringBuilder out = new StringBuilder(text.length() - start).append(text, start, at);
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return out.toString();
      }
      if (c < ' ') {
        throw wrong("an unescaped control character");
      }
      out.append(c == '\\' ? unescape() : c);
    }
    throw wrong("an unfinished string");
  }

  private char unescape() {
    char c = at < text.length() ? text.charAt(at++) : '\0';
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong("an unknown escape");
    };
  }

  private char unicode() {
    if (at + 4 > text.length()) {
      throw wrong("an unfinished escape");
    }
    int value = 0;
    for (int end = at + 4; at < end; at++) {
      int digit = Character.digit(text.charAt(at), 16);
      if (digit < 0) {
        throw wrong("an unknown escape");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  /** The next character that is not white space, or NUL at the end. */
  private char peek() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void expect(char c) {
    if (peek() != c || at >= text.length()) {
      throw wrong("something else than " + c);
    }
    at++;
  }

  private void end() {
    peek();
    if (at < text.length()) {
      throw wrong("more text after the end");
    }
  }

  private HowdahException wrong(String found) {
    return new HowdahException(ErrorCode.INVALID,
        "expected JSON text values but found " + found + " at character " + at);
  }
}
