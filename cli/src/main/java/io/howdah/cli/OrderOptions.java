package io.howdah.cli;

import io.howdah.Ordering;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** In which order messages are handled, as options of a command and as its output. */
final class OrderOptions {

  @Option(names = "--ordering", paramLabel = "ORDER", converter = Orders.class, description = "In which order messages are handled: none, key (those of one key one after the other), strict (all), or job (as key, by time) (none).")
  private Ordering.@Nullable Order order;

  @Option(names = "--blocking", paramLabel = "true|false", arity = "1", description = "Whether a message that fails holds up what comes after it in its order (true where there is an order).")
  private @Nullable Boolean blocking;

  /** The order of what is made; null: none was asked for. */
  @Nullable
  Ordering chosen() {
    if (order == null && blocking == null) {
      return null;
    }
    Ordering.Order chosen = order == null ? Ordering.Order.NONE : order;
    return new Ordering(chosen, blocking == null ? chosen != Ordering.Order.NONE : blocking);
  }

  /** The order with what the options change about it; null: nothing. */
  @Nullable
  Ordering change(Ordering ordering) {
    if (order == null && blocking == null) {
      return null;
    }
    return new Ordering(order == null ? ordering.order() : order, blocking == null ? ordering.blocking() : blocking);
  }

  static Map<String, Object> fields(Ordering ordering) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("ordering", ordering.order().name().toLowerCase(Locale.ROOT));
    fields.put("blocking", ordering.blocking());
    return fields;
  }

  /** The words for an order. */
  static final class Orders implements CommandLine.ITypeConverter<Ordering.Order> {

    @Override
    public Ordering.Order convert(String word) {
      return switch (word) {
        case "none" -> Ordering.Order.NONE;
        case "key" -> Ordering.Order.KEY;
        case "strict" -> Ordering.Order.STRICT;
        case "job" -> Ordering.Order.JOB;
        default -> throw new TypeConversionException("use none, key, strict or job, not \"" + word + "\"");
      };
    }
  }
}
