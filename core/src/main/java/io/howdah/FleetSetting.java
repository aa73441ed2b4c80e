package io.howdah;

/**
 * Something that is set in the database, for the whole fleet.
 *
 * @param name
 *          its name, such as {@code segment_size}
 * @param value
 *          what it is, as PostgreSQL writes it
 * @param standard
 *          what it is when nobody sets it
 * @param configured
 *          whether somebody has set it
 * @param meaning
 *          what it does, in one line
 */
public record FleetSetting(String name, String value, String standard, boolean configured, String meaning) {
}
