/**
 * The Java client of Howdah, a message broker that lives inside PostgreSQL.
 * {@link io.howdah.Howdah#open} is the door.
 */
@NullMarked
package io.howdah;

import org.jspecify.annotations.NullMarked;
