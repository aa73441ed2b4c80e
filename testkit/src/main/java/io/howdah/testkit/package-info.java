/**
 * Means to test a program that uses Howdah, and Howdah itself, on a real PostgreSQL: a database per test class, a clock that moves,
 * sessions that can be stepped, proxies that do harm, and a checker that reads what happened.
 */
@NullMarked
package io.howdah.testkit;

import org.jspecify.annotations.NullMarked;
