package io.howdah.engine.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.Session;
import java.util.ArrayList;
import java.util.List;

/** The ring of segments of one database, turned by one session as housekeeping turns it, but at once. */
record Ring(Session session) {

  /** Opens the next segment, as housekeep does when the current one has grown large. */
  void advance() {
    session.execute("insert into howdah.segment select 1, max(no) + 1, max(no) % 8 from howdah.segment");
  }

  List<String> housekeep() {
    return session.execute("select action || ' ' || detail from howdah.housekeep()").texts();
  }

  /** Opens so many segments, one after the other, and sees that after each of them only the newest is in use. */
  void turn(int segments) {
    for (int i = 0; i < segments; i++) {
      advance();
      List<String> told = new ArrayList<>();
      for (int call = 0; call < 20 && used() > 1; call++) {
        told.addAll(housekeep());
      }
      assertThat(used()).as("segments in use; housekeep says %s", told).isEqualTo(1);
    }
  }

  private long used() {
    return session.execute("select count(*) from howdah.segment").number();
  }

  /** How many messages lie in the log. */
  long logged() {
    return session.execute("select count(*) from howdah.log").number();
  }

  /** How many messages are carried, after what nobody needs has been dropped. */
  long carried() {
    housekeep();
    return session.execute("select count(*) from howdah.carried").number();
  }
}
