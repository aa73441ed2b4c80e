package io.howdah.examples;

import io.howdah.DeadLetter;
import io.howdah.DeadLetters;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.RedriveOptions;

/** What was given up while a service had a defect is corrected and sent again. */
public final class Redrive {

  private Redrive() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      howdah.queue("orders").create();
      System.out.println(again(howdah) + " letters were sent again");
    }
  }

  /** Corrects the currency of letters that lack it, sends all again; returns how many. */
  public static long again(Howdah howdah) {
    // region: redrive
    DeadLetters letters = howdah.queue("orders").deadLetters();
    for (DeadLetter letter : letters.list(LetterFilter.all().withReason("no currency"), 0, 1_000)) {
      String order = letter.message().payload().text();
      letters.edit(letter.id(), new Json(order.replace("\"currency\": null", "\"currency\": \"EUR\"")));
    }
    long sent = letters.redrive(LetterFilter.all(), RedriveOptions.defaults().withPerSecond(500));
    // endregion
    return sent;
  }
}
