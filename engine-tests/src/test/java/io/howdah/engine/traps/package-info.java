/** The ways in which a log with cursors loses, skips or doubles messages: one test for each that the engine could fall into. */
@NullMarked
package io.howdah.engine.traps;

import org.jspecify.annotations.NullMarked;
