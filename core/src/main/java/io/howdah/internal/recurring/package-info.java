/** What is published again and again. */
@NullMarked
package io.howdah.internal.recurring;

import org.jspecify.annotations.NullMarked;
