/** What operators do with a queue. */
@NullMarked
package io.howdah.internal.ordering;

import org.jspecify.annotations.NullMarked;
