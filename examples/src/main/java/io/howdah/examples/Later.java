package io.howdah.examples;

import io.howdah.Cron;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Queue;
import io.howdah.ScheduledMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.UUID;

/** Messages that wait for their time, and one that comes again and again. */
public final class Later {

  private Later() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      System.out.println(schedule(howdah) ? "done" : "somebody else was faster");
    }
  }

  /** Schedules, cancels and reschedules; whether the messages were still waiting. */
  public static boolean schedule(Howdah howdah) {
    Queue<Json> reminders = howdah.queue("reminders").create();

    // region: later
    UUID reminder = reminders.publish(Message.of(new Json("\"pay\"")).withDelay(Duration.ofDays(3)));
    UUID greeting = reminders.publish(Message.of(new Json("\"hello\"")).withDue(Instant.parse("2030-01-01T00:00:00Z")));
    // endregion

    // region: schedule
    for (ScheduledMessage waiting : reminders.schedule().list(100)) { // what is due next comes first
      System.out.println(waiting.due() + " " + waiting.content().payload());
    }
    boolean cancelled = reminders.schedule().cancel(reminder); // false: it has been delivered, or was cancelled before
    boolean moved = reminders.schedule().reschedule(greeting, Instant.now().plusSeconds(60));
    // endregion
    return cancelled && moved;
  }

  /** Has a report published each night. */
  public static void repeat(Howdah howdah) {
    Queue<Json> reminders = howdah.queue("reminders").create();

    // region: recurring
    Cron nightly = Cron.of("30 2 * * *").withZone(ZoneId.of("Europe/Berlin")).withMissed(Cron.Missed.ONCE);
    reminders.repeat("nightly-report", nightly, Message.of(new Json("{\"report\": \"sales\"}")));
    howdah.recurring().pause("nightly-report");
    howdah.recurring().resume("nightly-report");
    // endregion
  }
}
