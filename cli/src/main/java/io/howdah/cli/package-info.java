/** The command line of Howdah. */
@NullMarked
package io.howdah.cli;

import org.jspecify.annotations.NullMarked;
