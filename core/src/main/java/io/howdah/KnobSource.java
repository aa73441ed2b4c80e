package io.howdah;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Where knobs are set from outside: system properties, and else the environment. */
record KnobSource(Properties properties, Map<String, String> environment) {

  static final String PROPERTY_PREFIX = "howdah.";
  static final String VARIABLE_PREFIX = "HOWDAH_";

  /** What the launcher, the command line and the examples read themselves. */
  private static final Set<String> READ_ELSEWHERE = Set.of("HOWDAH_DB", "HOWDAH_JAVA_OPTS", "howdah.terminals",
      "howdah.log.level");
  /** What Kubernetes gives to every container beside a service that is called howdah or howdah-something. */
  private static final Pattern KUBERNETES = Pattern
      .compile("HOWDAH_(\\w+_)?(SERVICE_(HOST|PORT)(_\\w+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_\\w+)?)?)");

  static KnobSource ofProcess() {
    return new KnobSource(System.getProperties(), System.getenv());
  }

  KnobSetting setting(Knob knob) {
    String property = properties.getProperty(knob.property());
    if (property != null) {
      return new KnobSetting(knob, property.strip(), "property " + knob.property());
    }
    String variable = environment.get(knob.variable());
    return variable == null
        ? new KnobSetting(knob, knob.standard(), "default")
        : new KnobSetting(knob, variable.strip(), "environment " + knob.variable());
  }

  Object value(Knob knob) {
    KnobSetting setting = setting(knob);
    try {
      return knob.parse(setting.value());
    } catch (IllegalArgumentException e) {
      throw new HowdahException(ErrorCode.INVALID,
          setting.origin() + " must be " + e.getMessage() + " but was \"" + setting.value() + "\"", e);
    }
  }

  void check() {
    List<String> unknown = unknown();
    if (!unknown.isEmpty()) {
      throw Limits.invalid(unknown.stream().map(this::unknown).collect(Collectors.joining("; "))
          + "; howdah config lists all knobs, and " + Knob.OTHER_NAMES.property() + " or " + Knob.OTHER_NAMES.variable()
          + " names what is somebody else's");
    }
    for (Knob knob : Knob.values()) {
      value(knob);
    }
  }

  private List<String> unknown() {
    Set<String> known = new TreeSet<>(READ_ELSEWHERE);
    for (Knob knob : Knob.values()) {
      known.add(knob.property());
      known.add(knob.variable());
    }
    Set<String> others = names(value(Knob.OTHER_NAMES));
    List<String> unknown = new ArrayList<>();
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      if (name.startsWith(PROPERTY_PREFIX) && !known.contains(name) && !isOneOf(others, name)) {
        unknown.add(name);
      }
    }
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(VARIABLE_PREFIX) && !known.contains(name) && !isOneOf(others, name)
          && !KUBERNETES.matcher(name).matches()) {
        unknown.add(name);
      }
    }
    return unknown;
  }

  private static boolean isOneOf(Set<String> others, String name) {
    return others.stream().anyMatch(
        other -> other.endsWith("*") ? name.startsWith(other.substring(0, other.length() - 1)) : other.equals(name));
  }

  private String unknown(String name) {
    boolean property = name.startsWith(PROPERTY_PREFIX);
    Optional<Knob> meant = List.of(Knob.values()).stream()
        .filter(knob -> letters(knob.property()).equals(letters(name))).findFirst();
    return (property ? "system property " : "environment variable ") + name + " is no knob"
        + meant.map(knob -> ", " + (property ? knob.property() : knob.variable()) + " is").orElse("");
  }

  private static String letters(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
  }

  static Set<String> names(Object value) {
    Set<String> names = new TreeSet<>();
    if (value instanceof Set<?> set) {
      set.forEach(name -> names.add(name.toString()));
    }
    return names;
  }
}
