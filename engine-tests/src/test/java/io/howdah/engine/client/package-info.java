/** What the Java client promises, against a real server. */
@NullMarked
package io.howdah.engine.client;

import org.jspecify.annotations.NullMarked;
