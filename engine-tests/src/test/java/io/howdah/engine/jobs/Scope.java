package io.howdah.engine.jobs;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.Rows;
import io.howdah.testkit.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scope of jobs, used through SQL on one session; the params of a job are its name. */
record Scope(Session session, String name) {

  /** Creates a job that is due now; returns its id. */
  String create(String queue, String job) {
    return session.execute("select howdah.create_job(?, ?, 'do', to_json(?::text))::text", name, queue, job).text();
  }

  /** Creates a job whose time is an interval from now. */
  String createAt(String queue, String job, String fromNow) {
    return session.execute("""
        select howdah.create_job(?, ?, 'do', to_json(?::text), scheduled_at => howdah.now() + ?::interval)::text""",
        name, queue, job, fromNow).text();
  }

  Claim claim(int quantity) {
    return Claim.of(session, name, quantity);
  }

  /** Claims one job and settles it as done; returns the name of the job, empty if there is none. */
  String runOne() {
    Claim claim = claim(1);
    if (claim.isEmpty()) {
      return "";
    }
    session.execute("select howdah.settle(?, array[?], array['archive'])", claim.token(), claim.positions().getFirst());
    return claim.payloads().getFirst().replace("\"", "");
  }

  /** Runs jobs until none is available. */
  String runAll() {
    StringBuilder run = new StringBuilder();
    for (String job = runOne(); !job.isEmpty(); job = runOne()) {
      run.append(job).append(' ');
    }
    return run.toString().strip();
  }

  /** Settles the first job of a claim as failed. */
  void fail(Claim claim) {
    session.execute(
        "select howdah.settle(?, array[?], array['retry'], reasons => array['failed'], errors => array['boom'])",
        claim.token(), claim.positions().getFirst());
  }

  Rows jobs(String columns) {
    return session.execute("select " + columns + " from howdah.jobs(?)", name);
  }

  /** These columns of the first job of the list. */
  List<@Nullable Object> first(String columns) {
    return jobs(columns).values().getFirst();
  }

  /** The name and the state of each job, in the order of the list. */
  List<String> states() {
    return jobs("(params #>> '{}') || ' ' || state").texts();
  }

  boolean call(String verb, String id) {
    return session.execute("select howdah." + verb + "_job(?, ?::uuid)::text", name, id).text().equals("true");
  }
}
