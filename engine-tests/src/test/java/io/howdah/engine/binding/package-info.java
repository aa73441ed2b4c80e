/** Delays and retries: what waits for its time. */
@NullMarked
package io.howdah.engine.binding;

import org.jspecify.annotations.NullMarked;
