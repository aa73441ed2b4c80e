/**
 * JSON: payloads through Jackson if it is there, and the few texts that need no
 * library.
 */
@NullMarked
package io.howdah.internal.codec;

import org.jspecify.annotations.NullMarked;
