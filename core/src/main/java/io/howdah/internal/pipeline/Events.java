package io.howdah.internal.pipeline;

import io.howdah.PipelineEvent;
import io.howdah.PipelineListener;
import io.howdah.internal.failure.ErrorText;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listener, whose failures are its own. */
final class Events {

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private final String source;
  private final PipelineListener listener;
  private final AtomicBoolean failed = new AtomicBoolean();

  Events(String source, PipelineListener listener) {
    this.source = source;
    this.listener = listener;
  }

  String source() {
    return source;
  }

  void tell(PipelineEvent event) {
    try {
      listener.on(event);
    } catch (Throwable e) {
      if (failed.compareAndSet(false, true)) {
        LOG.warn("the listener of the pipeline of {} failed; this is told once", source, ErrorText.readable(e));
      }
    }
  }
}
