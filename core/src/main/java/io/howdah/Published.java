package io.howdah;

import java.util.UUID;

/**
 * What became of a message that was to be published once.
 *
 * @param id
 *          its id, or that of the first
 * @param duplicate
 *          whether there was a first, so that nothing was stored
 */
public record Published(UUID id, boolean duplicate) {
}
