/** What operators do with a queue. */
@NullMarked
package io.howdah.internal.queue;

import org.jspecify.annotations.NullMarked;
