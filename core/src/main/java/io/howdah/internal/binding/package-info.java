/** Which topics of a stream a subscription takes. */
@NullMarked
package io.howdah.internal.binding;

import org.jspecify.annotations.NullMarked;
