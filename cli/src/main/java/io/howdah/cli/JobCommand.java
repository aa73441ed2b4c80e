package io.howdah.cli;

import io.howdah.Durations;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.JobFilter;
import io.howdah.JobOptions;
import io.howdah.JobPage;
import io.howdah.JobRecord;
import io.howdah.JobState;
import io.howdah.Jobs;
import io.howdah.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah job}: jobs of a scope. */
@Command(name = "job", synopsisSubcommandLabel = "COMMAND", description = {
    "Creates jobs, lists and shows them, takes them back, has them tried again, gives them up.",
    ""}, commandListHeading = "%nCommands:%n")
final class JobCommand {

  @Spec
  private CommandSpec command = CommandSpec.create();

  /** How a job runs. */
  static final class Terms {
    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "60s", description = "How long it may run (60s).")
    private Duration timeout = JobOptions.defaults().timeout();

    @Option(names = "--max-backoff", paramLabel = "TIME", defaultValue = "24h", description = "The longest wait after a failure (24h).")
    private Duration maxBackoff = JobOptions.defaults().maxBackoff();

    @Option(names = "--max-attempts", paramLabel = "N", defaultValue = "20", description = "How often it is tried (20).")
    private int maxAttempts = JobOptions.defaults().maxAttempts();

    @Option(names = "--at", paramLabel = "TIME", converter = Instants.class, description = "When, for example 2030-06-01T08:00:00Z; else now.")
    private @Nullable Instant at;

    JobOptions options() {
      return new JobOptions(timeout, maxBackoff, maxAttempts, at);
    }
  }

  /** Which jobs are meant. */
  static final class Which {
    @Option(names = "--queue", paramLabel = "QUEUE", description = "Of this queue.")
    private @Nullable String queue;

    @Option(names = "--action", paramLabel = "ACTION", description = "With this action.")
    private @Nullable String action;

    @Option(names = "--state", paramLabel = "STATE", converter = States.class, description = "In this state: scheduled, available, waiting, running, retrying, blocked, done or dead.")
    private @Nullable JobState state;

    @Option(names = "--text", paramLabel = "TEXT", description = "With this in queue, action or params.")
    private @Nullable String text;

    JobFilter filter() {
      return new JobFilter(null, queue, action, state, null, text);
    }
  }

  /** States as people type them. */
  static final class States implements CommandLine.ITypeConverter<JobState> {
    @Override
    public JobState convert(String text) {
      return JobState.valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  @Command(name = "create", description = {
      "Creates a job and writes its id; its queue and its scope come to exist by it.", ""})
  int create(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "SCOPE", description = "The scope.") String scope,
      @Parameters(paramLabel = "QUEUE", description = "The queue, free text.") String queue,
      @Parameters(paramLabel = "ACTION", description = "What is to be done.") String action,
      @Parameters(paramLabel = "PARAMS", arity = "0..1", defaultValue = "{}", description = "With what, as JSON ({}).") String params,
      @Mixin Terms terms) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      say(howdah.jobs(scope).createJob(queue, action, new Json(params), terms.options()).toString());
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "list", description = {"Lists jobs by queue, time and creation; how many there are goes to stderr.",
      ""})
  int list(@Mixin DatabaseOptions database, @Parameters(paramLabel = "SCOPE", description = "The scope.") String scope,
      @Mixin Which which,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Most jobs, 1 to 10000 (100).") int limit,
      @Option(names = "--start", paramLabel = "N", defaultValue = "0", description = "Leaves out so many before (0).") long start,
      @Option(names = "--json", description = "Writes JSON, one object for each, with params and error.") boolean json) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      JobPage page = howdah.jobs(scope).list(which.filter(), limit, start);
      if (json) {
        page.jobs().forEach(job -> out().println(Output.json(whole(job))));
      } else if (!page.jobs().isEmpty()) {
        out().print(Output.table(page.jobs().stream().map(JobCommand::row).toList()));
      }
      out().flush();
      if (page.jobs().size() < page.total()) {
        command.commandLine().getErr()
            .println(page.jobs().size() + " of " + page.total() + " jobs; --start shows others");
      }
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "show", description = {"Shows all about one job, as JSON.", ""})
  int show(@Mixin DatabaseOptions database, @Parameters(paramLabel = "SCOPE", description = "The scope.") String scope,
      @Parameters(paramLabel = "ID", description = "The job's id.") UUID id) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      say(Output.json(whole(howdah.jobs(scope).find(id).orElseThrow(() -> unknown(scope, id)))));
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(name = "cancel", description = {
      "Takes a job back that is scheduled, waits, or has failed; it never runs again.", ""})
  int cancel(@Mixin DatabaseOptions database,
      @Parameters(paramLabel = "SCOPE", description = "The scope.") String scope,
      @Parameters(paramLabel = "ID", description = "The job's id.") UUID id) {
    return act(database, scope, id, "cancelled", Jobs::cancel);
  }

  @Command(name = "retry", description = {
      "Tries a failed job at once; starts a scheduled one now, a dead one from the beginning.", ""})
  int retry(@Mixin DatabaseOptions database, @Parameters(paramLabel = "SCOPE", description = "The scope.") String scope,
      @Parameters(paramLabel = "ID", description = "The job's id.") UUID id) {
    return act(database, scope, id, "retried", Jobs::retryNow);
  }

  @Command(name = "skip", description = {
      "Gives up a failed job that holds up its queue; it is dead, the queue goes on.", ""})
  int skip(@Mixin DatabaseOptions database, @Parameters(paramLabel = "SCOPE", description = "The scope.") String scope,
      @Parameters(paramLabel = "ID", description = "The job's id.") UUID id) {
    return act(database, scope, id, "skipped", Jobs::skip);
  }

  private static int act(DatabaseOptions database, String scope, UUID id, String done,
      BiPredicate<Jobs<Json>, UUID> verb) {
    try (Howdah howdah = Howdah.open(database.url().dataSource())) {
      Jobs<Json> jobs = howdah.jobs(scope);
      if (!verb.test(jobs, id)) {
        JobRecord job = jobs.find(id).orElseThrow(() -> unknown(scope, id));
        throw new HowdahException(ErrorCode.CONFLICT, "job " + id + " is " + state(job) + " and cannot be " + done
            + "; howdah job show " + scope + " " + id + " tells more");
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private static HowdahException unknown(String scope, UUID id) {
    return new HowdahException(ErrorCode.NOT_FOUND,
        "scope \"" + scope + "\" has no job " + id + "; howdah job list " + scope + " shows all");
  }

  private static String state(JobRecord job) {
    return job.state().name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> row(JobRecord job) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", job.id().toString());
    row.put("queue", job.queue());
    row.put("action", job.action());
    row.put("state", state(job));
    row.put("attempts", job.progress().attempts());
    row.put("scheduled_at", text(job.options().scheduledAt()));
    row.put("next_attempt", text(job.progress().nextAttempt()));
    return row;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static Map<String, Object> whole(JobRecord job) {
    Map<String, Object> whole = row(job);
    whole.put("params", job.params().text());
    whole.put("timeout", Durations.text(job.options().timeout()));
    whole.put("max_backoff", Durations.text(job.options().maxBackoff()));
    whole.put("max_attempts", job.options().maxAttempts());
    whole.put("created_at", text(job.progress().createdAt()));
    whole.put("attempted_at", text(job.progress().attemptedAt()));
    whole.put("attempted_by", job.progress().attemptedBy());
    whole.put("error", job.progress().error());
    whole.put("done_at", text(job.progress().doneAt()));
    return whole;
  }

  private void say(String text) {
    out().println(text);
    out().flush();
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
