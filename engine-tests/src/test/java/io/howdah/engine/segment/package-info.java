/** Space comes back, and nothing that is needed goes with it. */
@NullMarked
package io.howdah.engine.segment;

import org.jspecify.annotations.NullMarked;
