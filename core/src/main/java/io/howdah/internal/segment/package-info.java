/** Housekeeping: space comes back, what is over goes. */
@NullMarked
package io.howdah.internal.segment;

import org.jspecify.annotations.NullMarked;
