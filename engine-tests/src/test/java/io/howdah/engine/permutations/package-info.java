/**
 * Interleavings on a real server: about 10,000 schedules a build of publish, sequence, claim, settle, lapse and rotate, each checked for
 * what was lost, doubled or out of order.
 */
package io.howdah.engine.permutations;
