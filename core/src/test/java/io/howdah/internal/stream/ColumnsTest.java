package io.howdah.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Bytes;
import io.howdah.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnsTest {

  @Test
  void eachValueStandsInTheRowOfItsMessage() {
    Columns columns = new Columns(List.of(new Encoded(new Json("1"), null, "k", null, null, null, null),
        new Encoded(new Json("2"), "t", null, null, null, "2030-01-01T00:00:00Z", null),
        new Encoded(new Json("3"), null, "l", "{\"h\":\"v\"}", "PT1S", null, null)));

    assertThat(columns.payloads).containsExactly("1", "2", "3");
    assertThat(columns.topics).containsExactly(null, "t", null);
    assertThat(columns.keys).containsExactly("k", null, "l");
    assertThat(columns.headers).containsExactly(null, null, "{\"h\":\"v\"}");
    assertThat(columns.delays).containsExactly(null, null, "PT1S");
    assertThat(columns.dues).containsExactly(null, "2030-01-01T00:00:00Z", null);
  }

  @Test
  void whatNoMessageHasIsNotSent() {
    Columns columns = new Columns(List.of(new Encoded(new Json("1"), null, null, null, null, null, null)));

    assertThat(columns.topics).isNull();
    assertThat(columns.keys).isNull();
    assertThat(columns.headers).isNull();
    assertThat(columns.delays).isNull();
    assertThat(columns.dues).isNull();
    assertThat(columns.bodies).isNull();
    assertThat(columns.contentTypes).isNull();
  }

  @Test
  void bytesStandBesideWhatIsJson() {
    Columns columns = new Columns(List.of(new Encoded(new Json("1"), null, null, null, null, null, null),
        new Encoded(new Bytes(new byte[]{7}, "a/b"), null, null, null, null, null, null)));

    assertThat(columns.payloads).containsExactly("1", null);
    assertThat(columns.bodies).isDeepEqualTo(new byte[][]{null, {7}});
    assertThat(columns.contentTypes).containsExactly(null, "a/b");
  }
}
