/** Streams, queues and subscriptions themselves: made, dropped, counted. */
@NullMarked
package io.howdah.internal.catalogue;

import org.jspecify.annotations.NullMarked;
