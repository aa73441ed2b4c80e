/** Connections, statements and errors of the database, in one place. */
@NullMarked
package io.howdah.internal.jdbc;

import org.jspecify.annotations.NullMarked;
