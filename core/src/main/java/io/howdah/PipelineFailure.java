package io.howdah;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a message has failed in a {@link Pipeline}.
 *
 * @param reason
 *          for people; kept with the message
 * @param cause
 *          the exception, or null
 */
public record PipelineFailure(String reason, @Nullable Throwable cause) {

  public PipelineFailure {
    Objects.requireNonNull(reason, "reason");
  }
}
