package io.howdah.engine.histories;

import io.howdah.Howdah;
import io.howdah.engine.histories.LocalMember.Kind;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The workers of a fleet: some are stopped and started again, some die and are replaced, and all lose their connections now
 * and then. Time passes only while those that live have nothing in hand, so leases run out for the dead, and for claims
 * whose answer was lost. To be used by one thread.
 */
final class Crew implements AutoCloseable {
  static final String APPLICATION = "howdah fleet";
  /** Longer than any lease and any delay. */
  private static final Duration LEAP = LocalMember.LEASE.plusMinutes(1);
  private static final int WORTH_KILLING = 10;
  private static final String TERMINATE_ONE = """
      select count(pg_terminate_backend(pid)) from (
        select pid from pg_stat_activity where datname = current_database() and application_name = ?
        order by state = 'active' desc, random() limit 1) victim""";

  private final TestDatabase database;
  private final List<Howdah> clients;
  private final long seed;
  private final Random random;
  private final List<Post> posts = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> funerals = new ArrayList<>();
  private int hired;
  private int cuts;
  private int restarts;
  private int kills;
  private int processes;
  private int leaps;

  /** A member, and how to start another like it. */
  private static final class Post {
    private final Callable<Member> hire;
    private Member member;

    Post(Callable<Member> hire) throws Exception {
      this.hire = hire;
      this.member = hire.call();
    }

    void hireAnother() throws Exception {
      member = hire.call();
    }
  }

  Crew(TestDatabase database, List<Howdah> clients, long seed) {
    this.database = database;
    this.clients = clients;
    this.seed = seed;
    this.random = new Random(seed * 43);
  }

  void hire(Kind kind, Watched watched) throws Exception {
    posts.add(new Post(
        () -> LocalMember.start(clients.get(hired % clients.size()), kind, watched, "worker" + ++hired, seed)));
  }

  void hireMortal(Watched watched) throws Exception {
    posts.add(new Post(() -> LocalMember.startMortal(database, watched, "mortal" + ++hired, seed)));
  }

  /** One in another process; a new process takes its place so many times at most. */
  void hireRemote(Watched watched, int successors) throws Exception {
    int[] left = {successors + 1};
    posts.add(new Post(() -> left[0]-- > 0
        ? RemoteMember.start(database, watched, "process" + ++hired, seed)
        : LocalMember.startMortal(database, watched, "mortal" + ++hired, seed)));
  }

  /** Something happens, or nothing. */
  void event() throws Exception {
    switch (random.nextInt(4)) {
      case 0 -> cuts += (int) database.number(TERMINATE_ONE, APPLICATION);
      case 1 -> restart();
      case 2 -> kill();
      default -> {
        // a quiet moment
      }
    }
  }

  private void restart() throws Exception {
    Post post = posts.get(random.nextInt(posts.size()));
    if (!post.member.isMortal()) {
      post.member.close();
      post.hireAnother();
      restarts++;
    }
  }

  private void kill() throws Exception {
    List<Post> mortals = posts.stream()
        .filter(post -> post.member.isMortal() && post.member.deliveries() >= WORTH_KILLING).toList();
    if (!mortals.isEmpty()) {
      Post post = mortals.get(random.nextInt(mortals.size()));
      Member victim = post.member;
      victim.kill();
      funerals.add(threads.submit(victim::close));
      kills++;
      processes += victim instanceof RemoteMember ? 1 : 0;
      post.hireAnother();
    }
  }

  /** Time passes, if everybody who lives can settle what he has before. */
  void leap(Connection connection) throws SQLException, InterruptedException {
    List<Future<Boolean>> drains = threads
        .invokeAll(posts.stream().<Callable<Boolean>>map(post -> post.member::drain).toList());
    if (drains.stream().allMatch(Crew::join)) {
      database.clock().advance(connection, LEAP);
      leaps++;
    }
    posts.forEach(post -> post.member.resume());
  }

  private static <T> T join(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException e) {
      throw new AssertionError("a member of the fleet failed", e.getCause());
    }
  }

  @Override
  public String toString() {
    return "%d connections cut, %d workers restarted, %d clients killed and %d processes, leases ran out %d times"
        .formatted(cuts, restarts, kills - processes, processes, leaps);
  }

  @Override
  public void close() {
    posts.forEach(post -> funerals.add(threads.submit(post.member::close)));
    funerals.forEach(Crew::join);
    threads.close();
  }
}
