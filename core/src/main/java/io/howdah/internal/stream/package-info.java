/** Publishing: the functions of a stream and the fusion of single publishes. */
@NullMarked
package io.howdah.internal.stream;

import org.jspecify.annotations.NullMarked;
