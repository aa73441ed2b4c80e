package io.howdah.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Codec;
import io.howdah.Delivery;
import io.howdah.Envelope;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CodecIsFoundByItselfTest {

  record Order(int id, Instant at, String text) {
  }

  private static final Order ORDER = new Order(7, Instant.parse("2026-11-21T10:00:00Z"), "ä\"");

  @Test
  void recordsGoThroughJackson() {
    Codec<Order> codec = Codec.of(Order.class);

    assertThat(codec).isInstanceOf(Jackson3Codec.class);
    assertThat(codec.decode(codec.encode(ORDER))).isEqualTo(ORDER);
  }

  @Test
  void propertiesThatTheClassDoesNotKnowAreIgnored() {
    assertThat(Codec.of(Order.class).decode("{\"id\": 7, \"new\": [1]}").id()).isEqualTo(7);
    assertThat(new Jackson2Codec<>(Map.class).decode("{\"id\": 7}")).isEqualTo(Map.of("id", 7));
  }

  @Test
  void jsonIsKeptAsItIsAndAStringBecomesAJsonString() {
    assertThat(Codec.of(Json.class).encode(new Json("{ \"a\" : 1 }"))).isEqualTo("{ \"a\" : 1 }");
    assertThat(Codec.of(String.class).encode("a\"b")).isEqualTo("\"a\\\"b\"");
  }

  @Test
  void withoutJackson3ItIsJackson2AndWithoutAnyTheErrorSaysWhatToAdd() throws Exception {
    assertThat(codecOfOrderWithout("tools.jackson.")).isEqualTo(Jackson2Codec.class.getName());
    assertThat(codecOfOrderWithout("tools.jackson.", "com.fasterxml.jackson.")).contains("UNSUPPORTED",
        "need a JSON library; add tools.jackson.core:jackson-databind");
  }

  @Test
  void aPayloadThatCannotBeDecodedFailsWhenItIsAskedForAndIsNotQuoted() {
    Envelope envelope = new Envelope(UUID.randomUUID(), 1, 1, null, null, Map.of(), Instant.EPOCH);
    Delivery<Order> delivery = new Delivery<>(envelope, "{\"secret\": ", Codec.of(Order.class));

    assertThat(delivery.rawPayload()).startsWith("{");
    assertThatExceptionOfType(HowdahException.class).isThrownBy(delivery::payload)
        .withMessageContaining(envelope.id().toString()).withMessageNotContaining("secret")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNDECODABLE));
  }

  /** What a class loader that lacks some packages makes of it: the codec's class, or the error. */
  private static String codecOfOrderWithout(String... packages) throws IOException, ReflectiveOperationException {
    URL[] classPath = Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
        .map(CodecIsFoundByItselfTest::url).toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader()) {
      @Override
      protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (Arrays.stream(packages).anyMatch(name::startsWith)) {
          throw new ClassNotFoundException(name);
        }
        return super.findClass(name);
      }
    }) {
      Class<?> order = loader.loadClass(Order.class.getName());
      return loader.loadClass(CodecFinder.class.getName()).getMethod("find", Class.class).invoke(null, order).getClass()
          .getName();
    } catch (java.lang.reflect.InvocationTargetException e) {
      Throwable cause = e.getCause();
      return cause.getClass().getMethod("code").invoke(cause) + ": " + cause.getMessage();
    }
  }

  private static URL url(String path) {
    try {
      return java.nio.file.Path.of(path).toUri().toURL();
    } catch (java.net.MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
