/**
 * The bell that hurries idle workers, and the sleep from which it wakes them.
 */
@NullMarked
package io.howdah.internal.wakeup;

import org.jspecify.annotations.NullMarked;
