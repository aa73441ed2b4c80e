@NullMarked
package io.howdah.examples;

import org.jspecify.annotations.NullMarked;
