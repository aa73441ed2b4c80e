package io.howdah;

import java.util.List;

/**
 * A part of a list of jobs.
 *
 * @param total
 *          how many jobs the filter means
 */
public record JobPage(List<JobRecord> jobs, long total) {

  public JobPage {
    jobs = List.copyOf(jobs);
  }
}
