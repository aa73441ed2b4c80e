package io.howdah.schema;

import java.util.List;

/**
 * What {@link Schema#verify()} found. Each list is sorted and empty when there
 * is nothing to say.
 *
 * @param version
 *          the newest migration the database has, 0 where the schema is not
 *          installed
 * @param expected
 *          the newest migration this Howdah has
 * @param missing
 *          functions and migrations that this Howdah has and the database lacks
 * @param changed
 *          functions and migrations whose text in the database differs from
 *          this Howdah's
 * @param foreign
 *          functions in schema {@code howdah}, and migrations, that this Howdah
 *          does not know
 */
public record SchemaReport(int version, int expected, List<String> missing, List<String> changed,
    List<String> foreign) {

  public SchemaReport {
    missing = List.copyOf(missing);
    changed = List.copyOf(changed);
    foreign = List.copyOf(foreign);
  }

  /** Whether the database holds exactly what this Howdah would install. */
  public boolean isClean() {
    return version == expected && missing.isEmpty() && changed.isEmpty() && foreign.isEmpty();
  }
}
