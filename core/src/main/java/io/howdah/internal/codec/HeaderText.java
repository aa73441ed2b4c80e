package io.howdah.internal.codec;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Headers as the database keeps them: a JSON object of text values, at most 16
 * kB.
 */
public final class HeaderText {

  private static final int MOST_BYTES = 16 * 1024;

  private HeaderText() {
  }

  /** An unchangeable copy in the same order, once it is known to fit. */
  public static Map<String, String> checked(Map<String, String> headers) {
    if (headers.isEmpty()) {
      return Map.of();
    }
    Map<String, String> copy = new LinkedHashMap<>(headers);
    copy.forEach((name, value) -> {
      Objects.requireNonNull(name, "name of a header");
      Objects.requireNonNull(value, () -> "value of header " + name);
    });
    int bytes = Objects.requireNonNull(encode(copy)).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw new HowdahException(ErrorCode.INVALID, "headers must be at most " + MOST_BYTES + " bytes as JSON but were "
          + bytes + "; put what is large into the payload");
    }
    return Collections.unmodifiableMap(copy);
  }

  /** JSON text, or null for no headers. */
  public static @Nullable String encode(Map<String, String> headers) {
    if (headers.isEmpty()) {
      return null;
    }
    StringBuilder out = new StringBuilder(headers.size() * 32).append('{');
    headers.forEach((name, value) -> {
      if (out.length() > 1) {
        out.append(',');
      }
      JsonText.quote(name, out);
      out.append(':');
      JsonText.quote(value, out);
    });
    return out.append('}').toString();
  }

  public static Map<String, String> decode(@Nullable String json) {
    return json == null ? Map.of() : JsonText.object(json);
  }
}
