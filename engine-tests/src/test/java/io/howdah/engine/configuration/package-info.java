/** What is set for one process, and what for the fleet. */
@NullMarked
package io.howdah.engine.configuration;

import org.jspecify.annotations.NullMarked;
