/** The invariants' tests have teeth: each mechanism of the engine is broken on purpose, and the check must go red. */
package io.howdah.engine.teeth;
