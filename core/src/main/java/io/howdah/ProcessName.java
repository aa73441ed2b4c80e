package io.howdah;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** How this process is shown to people: host and process id. */
final class ProcessName {

  static final String NAME = host() + ":" + ProcessHandle.current().pid();

  private ProcessName() {
  }

  private static String host() {
    try {
      String host = InetAddress.getLocalHost().getHostName();
      return host.length() <= 200 ? host : host.substring(0, 200);
    } catch (UnknownHostException e) {
      return "unknown-host";
    }
  }
}
