/** A real PostgreSQL that a Java process starts, owns and stops. */
@NullMarked
package io.howdah.embedded;

import org.jspecify.annotations.NullMarked;
