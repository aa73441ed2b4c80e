/** Streams, queues and subscriptions, and the positions of their messages. */
@NullMarked
package io.howdah.engine.sequence;

import org.jspecify.annotations.NullMarked;
