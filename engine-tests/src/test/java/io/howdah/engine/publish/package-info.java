/** Publishing through SQL: what is stored, and what is refused. */
@NullMarked
package io.howdah.engine.publish;

import org.jspecify.annotations.NullMarked;
