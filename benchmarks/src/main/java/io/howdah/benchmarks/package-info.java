/** End-to-end workloads behind {@code howdah bench}: what a machine, a database and Howdah do together. */
@NullMarked
package io.howdah.benchmarks;

import org.jspecify.annotations.NullMarked;
