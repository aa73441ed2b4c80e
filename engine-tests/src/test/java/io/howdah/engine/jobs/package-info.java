/** Jobs: queues that come to exist by use, one job of each running at a time. */
@NullMarked
package io.howdah.engine.jobs;

import org.jspecify.annotations.NullMarked;
