/** What operators do with a queue. */
@NullMarked
package io.howdah.engine.queue;

import org.jspecify.annotations.NullMarked;
