/** Messages that were given up. */
@NullMarked
package io.howdah.internal.letter;

import org.jspecify.annotations.NullMarked;
