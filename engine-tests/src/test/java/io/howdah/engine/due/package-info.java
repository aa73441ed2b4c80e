/** Delays and retries: what waits for its time. */
@NullMarked
package io.howdah.engine.due;

import org.jspecify.annotations.NullMarked;
