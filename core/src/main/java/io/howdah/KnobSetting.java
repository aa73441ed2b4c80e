package io.howdah;

/**
 * What a knob is in this process, and why.
 *
 * @param knob
 *          the knob
 * @param value
 *          its value, as it would be written
 * @param origin
 *          where the value comes from: {@code property howdah.lease}, {@code environment HOWDAH_LEASE}, or
 *          {@code default}
 */
public record KnobSetting(Knob knob, String value, String origin) {
}
