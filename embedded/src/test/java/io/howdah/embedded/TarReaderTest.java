package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarReaderTest {
  @TempDir
  Path parent;
  Path root;

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(parent.resolve("root"));
  }

  private TarReader.Content unpack(byte[] archive) throws IOException {
    return TarReader.unpack(new ByteArrayInputStream(archive), root);
  }

  private AbstractThrowableAssert<?, ?> refused(TarFile archive) {
    return assertThatThrownBy(() -> unpack(archive.bytes())).isInstanceOf(IOException.class);
  }

  @Test
  void filesDirectoriesAndLinksAreUnpacked() throws Exception {
    TarReader.Content content = unpack(new TarFile().directory("lib/").file("lib/one.so.1", "x".repeat(1000))
        .link("lib/one.so", "one.so.1").file("bin/run", "#!").bytes());
    assertThat(content).isEqualTo(new TarReader.Content(2, 1002));
    assertThat(Files.readString(root.resolve("lib/one.so"))).hasSize(1000);
    assertThat(Files.isSymbolicLink(root.resolve("lib/one.so"))).isTrue();
  }

  @Test
  void nobodyElseMayWriteWhateverTheArchiveSays() throws Exception {
    unpack(new TarFile().file("share/data", "").file("bin/run", "").bytes());
    assertThat(mode("share/data")).isEqualTo("rw-r--r--");
    assertThat(mode("bin/run")).isEqualTo("rwxr-xr-x");
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(name)));
  }

  @Test
  void longNamesOfGnuAndPaxAreRead() throws Exception {
    String gnu = "share/" + "g".repeat(120);
    String pax = "share/" + "p".repeat(120);
    String record = " path=" + pax + "\n";
    unpack(new TarFile().entry('L', "././@LongLink", "", gnu + "\0").file("short", "1")
        .entry('x', "PaxHeaders/x", "", (record.length() + 3) + record).file("short", "2").file("next", "3").bytes());
    assertThat(Files.readString(root.resolve(gnu))).isEqualTo("1");
    assertThat(Files.readString(root.resolve(pax))).isEqualTo("2");
    assertThat(Files.readString(root.resolve("next"))).isEqualTo("3");
  }

  @Test
  void nothingLandsOutsideTheDirectory() {
    refused(new TarFile().file("../evil", "")).hasMessageContaining("outside");
    refused(new TarFile().file("/tmp/evil", "")).hasMessageContaining("outside");
    refused(new TarFile().file("a/../../evil", "")).hasMessageContaining("outside");
    refused(new TarFile().link("a", "/etc")).hasMessageContaining("outside");
    refused(new TarFile().link("b", "../..")).hasMessageContaining("outside");
    assertThat(parent.resolve("evil")).doesNotExist();
  }

  @Test
  void nothingLandsOutsideThroughLinksThatLookHarmlessOneByOne() throws Exception {
    TarFile links = new TarFile().directory("a/b/c").link("a/b/c/d", "../../..").link("e", "a/b/c/d/..");
    unpack(links.bytes());
    assertThat(root.resolve("e").toRealPath()).isEqualTo(parent.toRealPath());
    refused(new TarFile().file("e/evil", "")).hasMessageContaining("through a link");
    refused(new TarFile().file("e/evil/deep", "")).hasMessageContaining("through a link");
    refused(new TarFile().directory("e/evil/")).hasMessageContaining("through a link");
    refused(new TarFile().link("e/evil", "x")).hasMessageContaining("through a link");
    assertThat(parent.resolve("evil")).doesNotExist();
  }

  @Test
  void unknownKindsAreRefused() {
    refused(new TarFile().entry('1', "hard", "link", "")).hasMessageContaining("unknown kind");
    refused(new TarFile().entry('3', "device", "", "")).hasMessageContaining("unknown kind");
  }

  @Test
  void aDamagedArchiveIsRefused() {
    byte[] whole = new TarFile().file("a", "text").bytes();
    assertThatThrownBy(() -> unpack(Arrays.copyOf(whole, 514))).isInstanceOf(EOFException.class);
    whole[3] = 'x';
    assertThatThrownBy(() -> unpack(whole)).isInstanceOf(IOException.class).hasMessageContaining("checksum");
  }
}
