/** Order by key, strict order, and keys that are blocked. */
@NullMarked
package io.howdah.engine.ordering;

import org.jspecify.annotations.NullMarked;
