package io.howdah;

/** Is told what happens in a pipeline, for measuring. */
@FunctionalInterface
public interface PipelineListener {

  /**
   * Called by the pipeline's own threads, several at a time, so it must be quick.
   * What it throws is logged once and changes nothing.
   */
  void on(PipelineEvent event);
}
