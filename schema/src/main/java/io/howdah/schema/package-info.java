/**
 * Schema {@code howdah}: the tables and functions that are the broker, and the
 * one door that installs them.
 */
@NullMarked
package io.howdah.schema;

import org.jspecify.annotations.NullMarked;
