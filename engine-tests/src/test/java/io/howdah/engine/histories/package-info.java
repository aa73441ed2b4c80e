/** Random workloads whose histories are checked. */
@NullMarked
package io.howdah.engine.histories;

import org.jspecify.annotations.NullMarked;
