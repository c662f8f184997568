package io.tidemark.tools.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The kernel's own NBD client, in a throw-away guest: a file system and a database on the device.
 * Needs the project's guest script, named by TIDEMARK_GUEST_NBD or found beside the checkout, and
 * root; skipped otherwise.
 */
class KernelClientTest {
    private static final int COULD_NOT_START = 125;
    private static final String WORK =
            """
            set -e
            mkfs.ext4 -q -F /dev/nb0
            mkdir /mnt/m
            mount /dev/nb0 /mnt/m
            cp -r /usr/share/doc/b* /mnt/m
            sync
            rm -rf /mnt/m/bash
            fstrim /mnt/m
            umount /mnt/m
            e2fsck -fn /dev/nb0
            """;

    @RegisterExtension private final Cluster cluster = new Cluster();

    @Test
    void aFileSystemOnTheKernelsDeviceEndsOnTheReplica() throws Exception {
        Path script = script();
        assumeTrue(
                Files.isExecutable(script),
                "no guest script at " + script + ": set TIDEMARK_GUEST_NBD to it");
        assumeTrue(
                "root".equals(System.getProperty("user.name"))
                        && Files.exists(Path.of("/dev/net/tun")),
                "the guest needs root and /dev/net/tun");
        cluster.configure(256L << 20).start();
        Path output = cluster.folder().resolve("guest.out");
        Process guest =
                new ProcessBuilder(
                                script.toString(),
                                "-N",
                                Cluster.R0,
                                cluster.alpha().nbdAddress(),
                                WORK)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(guest.waitFor(150, TimeUnit.SECONDS)).as("the guest ends").isTrue();
        } finally {
            guest.destroyForcibly();
        }
        String text = Files.readString(output);
        assumeTrue(
                guest.exitValue() != COULD_NOT_START,
                "the guest did not come up (packages: user-mode-linux nbd-client kmod iproute2): "
                        + text);
        assertThat(guest.exitValue()).as(text).isZero();
        cluster.stopAndCompare(cluster.alpha(), cluster.beta());
    }

    private static Path script() {
        String named = System.getenv("TIDEMARK_GUEST_NBD");
        return named != null
                ? Path.of(named)
                : Path.of("..", "..", "shared", "guest", "guest-nbd.sh")
                        .toAbsolutePath()
                        .normalize();
    }
}
