/** What is kept of a throwable. */
@NullMarked
package io.howdah.internal.failure;

import org.jspecify.annotations.NullMarked;
