/** What a subscription permits to hand out. */
@NullMarked
package io.howdah.engine.limit;

import org.jspecify.annotations.NullMarked;
