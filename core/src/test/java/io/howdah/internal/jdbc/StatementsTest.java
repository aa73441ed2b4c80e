package io.howdah.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.ErrorCode;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementsTest {

  @ParameterizedTest
  @CsvSource({"2026-11-21 06:54:52.123456+00,2026-11-21T06:54:52.123456Z",
      "2026-11-21 06:54:52+05:30,2026-11-21T01:24:52Z", "2026-11-20 18:54:52.5-12,2026-11-21T06:54:52.5Z",
      "1890-01-01 00:00:00+00:53:28,1889-12-31T23:06:32Z"})
  void aTimestampIsReadInAnyTimeZone(String text, Instant instant) {
    assertThat(Statements.instant(text)).isEqualTo(instant);
  }

  @Test
  void idsAreReadFromAnArray() {
    UUID a = UUID.randomUUID();
    UUID b = UUID.randomUUID();

    assertThat(Statements.uuids("{" + a + "," + b + "}", 2)).containsExactly(a, b);
  }

  @ParameterizedTest
  @CsvSource({"HD404,NOT_FOUND", "HD409,CONFLICT", "HD410,LAPSED", "22P02,INVALID", "22023,INVALID",
      "0A000,UNSUPPORTED", "08006,UNAVAILABLE", "57P01,UNAVAILABLE", "53100,UNAVAILABLE", "40P01,CONTENTION",
      "42883,SCHEMA_MISSING", "3F000,SCHEMA_MISSING", "42501,DENIED", "57014,TIMEOUT", "XX000,INTERNAL"})
  void aSqlStateHasItsCode(String state, ErrorCode code) {
    assertThat(SqlErrors.translate(new SQLException("m", state)).code()).isEqualTo(code);
  }
}
