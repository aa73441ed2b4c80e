package io.howdah.testkit;

import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The server behind a proxy, and how its URL reads through the proxy. */
record ProxyTarget(String host, int port, String url) {

  static ProxyTarget of(TestDatabase database) {
    return new ProxyTarget(database.server().postgres().host(), database.server().postgres().port(), database.url());
  }

  String urlThrough(int proxyPort) {
    return url.replace(host + ":" + port + "/", "127.0.0.1:" + proxyPort + "/");
  }

  DataSource dataSourceThrough(int proxyPort) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(urlThrough(proxyPort));
    return dataSource;
  }
}
