/** One runnable class for each promise of the README. */
@NullMarked
package io.howdah.examples;

import org.jspecify.annotations.NullMarked;
