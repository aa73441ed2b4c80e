package io.howdah.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import tools.jackson.databind.json.JsonMapper;

class JsonTextTest {

  private static final JsonMapper JACKSON = JsonMapper.shared();

  @Property(tries = 500)
  void aQuotedTextIsReadBackByUsAndByJackson(@ForAll String text) {
    String json = JsonText.quote(text);

    assertThat(JsonText.unquote(json)).isEqualTo(text);
    assertThat(JACKSON.readValue(json, String.class)).isEqualTo(text);
  }

  @Property(tries = 300)
  void whatJacksonWritesIsReadBack(@ForAll @Size(max = 8) Map<String, String> headers) {
    assertThat(JsonText.object(JACKSON.writeValueAsString(headers))).isEqualTo(headers);
    String ours = HeaderText.encode(headers);
    assertThat(ours == null ? Map.of() : JACKSON.readValue(ours, Map.class)).isEqualTo(headers);
  }

  @Example
  void everyEscapeOfJsonIsRead() {
    assertThat(JsonText.unquote(" \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20aC\" ")).isEqualTo("\"\\/\b\f\n\r\t€");
  }

  @Example
  void aMemberThatIsNoStringIsGivenAsItsText() {
    assertThat(JsonText.object(" {\"a\" : 1.5e3, \"b\": {\"c\": [1, \"}\"]} , \"d\":null,\"e\":\"x\"} "))
        .isEqualTo(Map.of("a", "1.5e3", "b", "{\"c\": [1, \"}\"]}", "d", "null", "e", "x"));
  }

  @Example
  void textThatIsNoStringIsRefused() {
    for (String wrong : new String[]{"", "42", "\"", "\"a", "\"a\" b", "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "nul"}) {
      assertThatExceptionOfType(HowdahException.class).as(wrong).isThrownBy(() -> JsonText.unquote(wrong))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }
  }
}
