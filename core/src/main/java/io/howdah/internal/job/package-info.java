/** Jobs: created, listed, taken back. */
@NullMarked
package io.howdah.internal.job;

import org.jspecify.annotations.NullMarked;
