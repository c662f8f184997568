package io.tidemark.tools.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretFileTest {
    @TempDir Path folder;

    @Test
    void aFileThatOnlyItsOwnerReadsIsTaken() throws IOException {
        assertThat(SecretFile.read(file("0123456789abcdef\n", "rw-------"))).isNotNull();
        assertThat(SecretFile.read(file(" 0123456789abcdef \r\n", "r--------"))).isNotNull();
    }

    @Test
    void aFileOpenToOthersIsRefusedWithTheCommandThatHelps() throws IOException {
        for (String mode : new String[] {"rw-r-----", "rw-----w-", "rw-r--r--"}) {
            Path file = file("0123456789abcdef", mode);
            assertThatThrownBy(() -> SecretFile.read(file))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining(mode)
                    .hasMessageEndingWith("chmod 600 " + file);
        }
    }

    @Test
    void blanksAroundDoNotMakeASecretLonger() throws IOException {
        Path file = file("      0123456789abcde\n\n\n", "rw-------");
        assertThatThrownBy(() -> SecretFile.read(file))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("has 15 bytes without blanks around, 16 are the least")
                .hasMessageContaining("head -c 32 /dev/urandom");
    }

    @Test
    void whatIsNoSecretFileIsRefused() throws IOException {
        assertThatThrownBy(() -> SecretFile.read(folder.resolve("none")))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> SecretFile.read(folder))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("is no regular file");
        Path huge = file("x".repeat(5_000), "rw-------");
        assertThatThrownBy(() -> SecretFile.read(huge))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("at most 4096");
    }

    private Path file(String text, String mode) throws IOException {
        Path file = Files.createTempFile(folder, "t", ".secret");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }
}
