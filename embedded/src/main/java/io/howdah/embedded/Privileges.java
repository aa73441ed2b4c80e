package io.howdah.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to run a program so that PostgreSQL accepts its user: it refuses root, because whoever logs on to it as superuser
 * could do anything on the machine.
 *
 * Anybody but root runs programs as they are. Root has two ways. In a user namespace (`unshare -U`) it is nobody without
 * any special right, while the files it makes are still root's, so nothing has to change its owner; some containers and
 * hardened kernels forbid that. The other way is another user (`setpriv`, `runuser` or `su`), to whom the data directory
 * is then given.
 *
 * @param prefix the words that go before a command
 * @param uid the owner that the files of the server get; -1: the user that runs this process
 * @param gid their group
 */
record Privileges(List<String> prefix, int uid, int gid) {
  private static final Path ANYWHERE = Path.of("/");
  private static final List<String> USERS = List.of("postgres", "nobody");
  private static final Privileges AS_IS = new Privileges(List.of(), -1, -1);

  static Privileges detect() {
    if (ownUid() != 0) {
      return AS_IS;
    }
    return namespace().or(Privileges::otherUser)
        .orElseThrow(() -> new EmbeddedException(
            "PostgreSQL does not run as root, and none of unshare -U, setpriv, runuser and su gave it another user; "
                + "start as another user, or use a PostgreSQL that runs elsewhere"));
  }

  /** From the process's own directory where the system has that: cheaper than a program. */
  private static int ownUid() {
    Path self = Path.of("/proc/self");
    try {
      return Files.exists(self)
          ? (int) Files.getAttribute(self, "unix:uid")
          : number(List.of("id", "-u"))
              .orElseThrow(() -> new EmbeddedException("cannot find out the user of this process: id -u fails"));
    } catch (IOException e) {
      throw EmbeddedException.of("read " + self, e);
    }
  }

  static Optional<Privileges> namespace() {
    List<String> prefix = List.of("unshare", "-U");
    return number(with(prefix, List.of("id", "-u"))).filter(uid -> uid != 0).map(uid -> new Privileges(prefix, -1, -1));
  }

  static Optional<Privileges> otherUser() {
    for (String user : USERS) {
      Optional<Integer> uid = number(List.of("id", "-u", user));
      Optional<Integer> gid = number(List.of("id", "-g", user));
      if (uid.isPresent() && gid.isPresent()) {
        for (List<String> prefix : waysToBecome(user, uid.get(), gid.get())) {
          if (number(with(prefix, List.of("id", "-u"))).equals(uid)) {
            return Optional.of(new Privileges(prefix, uid.get(), gid.get()));
          }
        }
      }
    }
    return Optional.empty();
  }

  static List<List<String>> waysToBecome(String user, int uid, int gid) {
    return List.of(List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups"),
        List.of("runuser", "-u", user, "--"), List.of("su", "-s", "/bin/sh", "-c", "exec \"$@\"", "--", user, "sh"));
  }

  private static Optional<Integer> number(List<String> words) {
    Command.Result result = Command.run(words, ANYWHERE);
    return result.succeeded() && result.output().matches("\\d{1,9}")
        ? Optional.of(Integer.valueOf(result.output()))
        : Optional.empty();
  }

  List<String> apply(List<String> command) {
    return with(prefix, command);
  }

  /** Whether another user than the one of this process owns what the server writes. */
  boolean needsOtherOwner() {
    return uid >= 0;
  }

  /** Gives a file or directory to the server's user, when that is another one. */
  void give(Path path) {
    if (needsOtherOwner()) {
      try {
        Files.setAttribute(path, "unix:uid", uid);
        Files.setAttribute(path, "unix:gid", gid);
      } catch (IOException e) {
        throw EmbeddedException.of("give " + path + " to user " + uid, e);
      }
    }
  }

  private static List<String> with(List<String> prefix, List<String> command) {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(command);
    return words;
  }
}
