/** Where subscriptions start, and where they are put afterwards. */
@NullMarked
package io.howdah.engine.cursor;

import org.jspecify.annotations.NullMarked;
