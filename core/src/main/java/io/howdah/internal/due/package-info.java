/** What waits for its time: delayed messages and retries. */
@NullMarked
package io.howdah.internal.due;

import org.jspecify.annotations.NullMarked;
