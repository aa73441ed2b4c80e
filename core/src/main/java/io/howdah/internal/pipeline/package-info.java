/** Pipelines: what lies between claim and settle when a handler has several stages. */
@NullMarked
package io.howdah.internal.pipeline;

import org.jspecify.annotations.NullMarked;
