/** What is set in the database, for the whole fleet. */
@NullMarked
package io.howdah.internal.configuration;

import org.jspecify.annotations.NullMarked;
