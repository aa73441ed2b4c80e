/** Consuming: claim, handle, settle. */
@NullMarked
package io.howdah.internal.subscription;

import org.jspecify.annotations.NullMarked;
