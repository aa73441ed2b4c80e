package io.howdah.engine.jobs;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.JobAssertions;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;

/** The test kit's assertions look at all jobs of a scope, not at the last one. */
@HowdahTest
class JobAssertionsTest {

  @Test
  void jobsAreFoundByQueueActionAndASubsetOfTheirParams(TestDatabase database) {
    JobAssertions jobs = JobAssertions.of(database.dataSource(), "app");
    jobs.assertNotCreated("mail");
    assertThatThrownBy(() -> jobs.assertCreated("mail")).isInstanceOf(AssertionError.class)
        .hasMessageContaining("queue mail; there are 0");
    database.query("""
        select howdah.create_job('app', 'mail', 'send', '{"to": "x", "what": {"n": 1, "m": 2}}'),
          howdah.create_job('app', 'disk', 'clean')""");
    jobs.assertCreated("mail");
    jobs.assertCreated("mail", "{\"what\": {\"n\": 1}}");
    jobs.assertCreated(null, "clean", null);
    jobs.assertNotCreated("mail", "clean", null);
    jobs.assertNotCreated("mail", "{\"to\": \"y\"}");
    assertThatThrownBy(() -> jobs.assertCreated("mail", "{\"to\": \"y\"}")).isInstanceOf(AssertionError.class)
        .hasMessageContaining("there are 2").hasMessageContaining("mail: send {\"to\": \"x\"");
    assertThatThrownBy(() -> jobs.assertNotCreated("mail")).isInstanceOf(AssertionError.class)
        .hasMessageContaining("1 job(s)");
  }
}
