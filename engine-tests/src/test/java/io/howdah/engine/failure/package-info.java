/** What becomes of messages that fail. */
@NullMarked
package io.howdah.engine.failure;

import org.jspecify.annotations.NullMarked;
