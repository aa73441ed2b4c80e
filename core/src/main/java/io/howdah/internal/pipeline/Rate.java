package io.howdah.internal.pipeline;

import io.howdah.PipelineRate;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many messages may be claimed now. It remembers the claims of the last
 * interval, so no stretch of that length has more. For one thread.
 */
final class Rate {

  private record Claim(long at, int messages) {
  }

  private final @Nullable PipelineRate rate;
  private final LongSupplier nanoTime;
  private final ArrayDeque<Claim> claims = new ArrayDeque<>();
  private int recent;

  Rate(@Nullable PipelineRate rate, LongSupplier nanoTime) {
    this.rate = rate;
    this.nanoTime = nanoTime;
  }

  int allowance() {
    if (rate == null) {
      return Integer.MAX_VALUE;
    }
    long since = nanoTime.getAsLong() - rate.interval().toNanos();
    for (Claim first = claims.peekFirst(); first != null && first.at() - since <= 0; first = claims.peekFirst()) {
      recent -= claims.removeFirst().messages();
    }
    return rate.messages() - recent;
  }

  void claimed(int messages) {
    if (rate != null) {
      claims.addLast(new Claim(nanoTime.getAsLong(), messages));
      recent += messages;
    }
  }

  /** Nanoseconds until there is an allowance, if there is none. */
  long untilAllowance() {
    Claim first = claims.peekFirst();
    if (rate == null || first == null || allowance() > 0) {
      return Long.MAX_VALUE;
    }
    return Math.max(0, first.at() + rate.interval().toNanos() - nanoTime.getAsLong());
  }
}
