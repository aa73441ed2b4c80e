package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class BinariesCacheTest {
  private static final String LIBRARY = new Random(1).ints(300_000, 'a', 'z')
      .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();

  @TempDir
  Path directory;
  Path cache;
  Archive archive;

  @BeforeEach
  void pack() throws IOException {
    cache = directory.resolve("cache");
    Path file = directory.resolve("postgres.txz");
    try (XZOutputStream out = new XZOutputStream(Files.newOutputStream(file), new LZMA2Options(0))) {
      out.write(new TarFile().file("share/postgresql/postgres.bki", "# PostgreSQL 18\n").file("lib/library", LIBRARY)
          .file("bin/postgres", "").bytes());
    }
    archive = new Archive.AtUrl(file.toUri().toURL());
  }

  private Binaries unpacked() {
    return new BinariesCache(cache).unpacked(archive);
  }

  @Test
  void anArchiveIsUnpackedOnce() throws Exception {
    Binaries first = unpacked();
    assertThat(first.major()).isEqualTo(18);
    FileTime made = Files.getLastModifiedTime(first.home());
    assertThat(unpacked()).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(first.home())).isEqualTo(made);
    assertThat(content(cache)).containsExactly(first.home());
  }

  @Test
  void manyAtOnceGetTheSameWholeDirectory() throws Exception {
    int processes = 4;
    CyclicBarrier together = new CyclicBarrier(processes);
    Callable<Binaries> unpack = () -> {
      together.await(10, TimeUnit.SECONDS);
      return unpacked();
    };
    List<Future<Binaries>> all = new ArrayList<>();
    try (var executor = Executors.newFixedThreadPool(processes)) {
      for (int i = 0; i < processes; i++) {
        all.add(executor.submit(unpack));
      }
    }
    for (Future<Binaries> one : all) {
      assertThat(Files.readString(one.get().home().resolve("lib/library"))).isEqualTo(LIBRARY);
    }
    assertThat(content(cache)).hasSize(1);
  }

  @Test
  void aDirectoryWithoutItsMarkerIsReplaced() throws Exception {
    Path home = unpacked().home();
    Files.delete(home.resolve("complete"));
    Files.delete(home.resolve("bin/postgres"));
    assertThat(unpacked().home().resolve("bin/postgres")).exists();
    assertThat(content(cache)).hasSize(1);
  }

  @Test
  void aFileThatLostItsContentInAPowerFailureIsFound() throws Exception {
    Path library = unpacked().home().resolve("lib/library");
    Files.writeString(library, "");
    unpacked();
    assertThat(Files.readString(library)).isEqualTo(LIBRARY);
  }

  @Test
  void whatAKilledProcessLeftIsRemovedLater() throws Exception {
    Path old = Files.createDirectories(cache.resolve("unpacking-1"));
    Path young = Files.createDirectories(cache.resolve("unpacking-2"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
    unpacked();
    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void programsThatOthersCanChangeAreNotUsed() throws Exception {
    Path home = unpacked().home();
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(this::unpacked).isInstanceOf(EmbeddedException.class)
        .hasMessageContainingAll("others can write to " + home, "remove it");
  }

  @Test
  void aFullDiskIsNamed() throws Exception {
    Files.createDirectory(cache);
    try (SmallDisk disk = SmallDisk.mount(cache, "size=64k")) {
      assertThatThrownBy(this::unpacked).isInstanceOf(EmbeddedException.class)
          .hasMessageContainingAll("cannot unpack PostgreSQL into " + disk.directory(), "No space left");
      assertThat(content(cache)).isEmpty();
    }
  }

  private static List<Path> content(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.toList();
    }
  }
}
