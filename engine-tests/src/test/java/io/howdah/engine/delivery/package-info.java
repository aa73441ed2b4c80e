/** Claims and how they end, through SQL. */
@NullMarked
package io.howdah.engine.delivery;

import org.jspecify.annotations.NullMarked;
