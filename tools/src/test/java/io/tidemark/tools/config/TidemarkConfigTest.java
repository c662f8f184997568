package io.tidemark.tools.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TidemarkConfigTest {
    private static final Path FILE = Path.of("/etc/tidemark/t.toml");
    private static final int KEY_OF_R0 = 1503582730;
    private static final long DIGEST_OF_R0 = 126773061201383634L;
    private static final String TEXT =
            """
            [nodes.alpha]
            address   = "127.0.0.1"
            port      = 7400
            directory = "alpha"
            nbd       = "127.0.0.1:10809"
            [nodes.beta]
            address   = "127.0.0.1"
            port      = 7500
            directory = "beta"
            nbd       = "unix:beta.sock"
            [resources.r0]
            protocol  = "C"
            [resources.r0.volumes.0]
            size      = "1 GiB"
            partitions.alpha = "alpha.img"
            partitions.beta  = "/dev/sdb1"
            """;

    @Test
    void theExampleOfTheDesignIsUnderstood() {
        final TidemarkConfig config = TidemarkConfig.parse(FILE, TEXT);

        final NodeSettings beta = config.node("beta");
        assertThat(beta.port()).isEqualTo(7500);
        assertThat(beta.directory()).isEqualTo(Path.of("/etc/tidemark/beta"));
        assertThat(beta.adminSocket()).isEqualTo(Path.of("/etc/tidemark/beta/admin.sock"));
        assertThat(beta.nbd()).isEqualTo(new NbdAddress.Unix(Path.of("/etc/tidemark/beta.sock")));
        assertThat(beta.mtuBytes()).isEmpty();
        final ResourceSettings r0 = config.resources().getFirst();
        assertThat(r0.protocol()).isEqualTo(Protocol.C);
        assertThat(r0.volumes())
                .containsExactly(
                        new VolumeSettings(
                                0,
                                1L << 30,
                                Map.of(
                                        "alpha",
                                        Path.of("/etc/tidemark/alpha.img"),
                                        "beta",
                                        Path.of("/dev/sdb1"))));
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        final ResourceSettings r0 =
                TidemarkConfig.parse(FILE, TEXT.replace("protocol  = \"C\"\n", ""))
                        .resources()
                        .getFirst();

        assertThat(r0.protocol()).isEqualTo(Protocol.C);
        assertThat(r0.peerTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(r0.peerWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(r0.unappliedLimitBytes()).isEqualTo(256L << 20);
        assertThat(r0.checkpointBytes()).isEqualTo(1L << 30);
        assertThat(r0.checkpointInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(r0.syncInterval()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void optionalSettingsAreTaken() {
        final TidemarkConfig config =
                TidemarkConfig.parse(
                        FILE,
                        TEXT.replace(
                                        "protocol  = \"C\"",
                                        "peer-timeout = \"500 ms\"\nunapplied-limit = \"64 MiB\"")
                                .replace(
                                        "port      = 7400",
                                        "port = 7400\nmtu = 8192\nsegment-size = \"16 MiB\"\nmax-connections = 8"));

        assertThat(config.node("alpha").mtuBytes()).hasValue(8192);
        assertThat(config.node("alpha").segmentBytes()).isEqualTo(16 << 20);
        assertThat(config.node("alpha").maxConnections()).isEqualTo(8);
        assertThat(config.resources().getFirst().peerTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.resources().getFirst().unappliedLimitBytes()).isEqualTo(64L << 20);
    }

    @Test
    void theSecretFileLiesBesideTheConfigurationUnlessItsPathSaysOtherwise() {
        assertThat(TidemarkConfig.parse(FILE, TEXT).secretFile()).isEmpty();
        assertThat(TidemarkConfig.parse(FILE, "secret-file = \"s/key\"\n" + TEXT).secretFile())
                .hasValue(Path.of("/etc/tidemark/s/key"));
        assertThat(TidemarkConfig.parse(FILE, "secret-file = \"/run/key\"\n" + TEXT).secretFile())
                .hasValue(Path.of("/run/key"));
        assertThatThrownBy(() -> TidemarkConfig.parse(FILE, "secret-file = 3\n" + TEXT))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        FILE
                                + ":1:1: 'secret-file' must be a non-empty string. As in secret-file = \"tidemark.secret\"");
    }

    /** What is replaced by what, where that is refused, and a part of what is said. */
    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            port      = 7400          | prot = 7400              | 3:1  | unknown key 'prot' in [nodes.alpha]. Did you mean 'port'?
            protocol  = "C"           | zzzzzzzzz = 1            | 12:1 | Known here: protocol, volumes, peer-timeout
            [resources.r0]            | [recources.r0]           | 11:1 | Did you mean 'resources'?
            address   = "127.0.0.1"   | #                        | 1:1  | 'address' is missing in [nodes.alpha]. Add address = "127.0.0.1"
            port      = 7400          | port = "7400"            | 3:1  | 'port' in [nodes.alpha] must be a whole number
            port      = 7400          | port = 80                | 3:1  | Choose one from 1024 to 65532
            port      = 7500          | port = 7403              | 8:1  | node 'beta' uses the UDP ports 7403 to 7406
            directory = "beta"        | directory = "alpha"      | 9:1  | overlap
            directory = "beta"        | directory = "alpha/x"    | 9:1  | overlap
            directory = "beta"        | directory = ""           | 9:1  | must be a non-empty string
            nbd       = "unix:beta.sock" | nbd = "127.0.0.1:10809" | 10:1 | share the NBD address 127.0.0.1:10809
            nbd       = "unix:beta.sock" | nbd = "here"          | 10:1 | 'here' is neither host:port nor unix:/path
            nbd       = "unix:beta.sock" | nbd = "h:99999"       | 10:1 | '99999' is no port
            [nodes.beta]              | [nodes.Beta]             | 6:1  | 'Beta' is no name
            protocol  = "C"           | protocol = "D"           | 12:1 | 'D' is no protocol. Choose A
            protocol  = "C"           | protocol = 3             | 12:1 | must be a non-empty string
            protocol  = "C"           | peer-timeout = "5"       | 12:1 | '5' is no duration. Write a whole number of ms
            protocol  = "C"           | peer-timeout = "1 ms"    | 12:1 | Choose one from 100 ms to 600 s
            protocol  = "C"           | checkpoint-bytes = "31 MiB" | 12:1 | less than 32 MiB. It must hold the largest request
            protocol  = "C"           | unapplied-limit = "63 MiB" | 12:1 | less than 64 MiB. It must hold two of the largest requests
            [resources.r0.volumes.0]  | [resources.r0.volumes.x] | 13:1 | 'x' is no volume number
            [resources.r0.volumes.0]  | [resources.r0.volumes.00] | 13:1 | '00' is no volume number
            size      = "1 GiB"       | size = 4097              | 14:1 | 'size' is 4097 bytes, no multiple of 4096. Choose 4096 or 8192
            size      = "1 GiB"       | size = 0                 | 14:1 | less than 4 KiB
            size      = "1 GiB"       | size = "1 GB"            | 14:1 | '1 GB' is no size
            size      = "1 GiB"       | size = "99999999999 TiB" | 14:1 | is no size
            size      = "1 GiB"       | #                        | 13:1 | 'size' is missing in [resources.r0.volumes.0]. Add size = "1 GiB"
            partitions.beta  = "/dev/sdb1" | #                   | 15:1 | 'beta' is missing in [resources.r0.volumes.0.partitions]. Add partitions.beta = "beta.img"
            partitions.beta  = "/dev/sdb1" | partitions.beta = "alpha.img" | 16:1 | /etc/tidemark/alpha.img is already a partition of node 'alpha'
            partitions.beta  = "/dev/sdb1" | partitions.bta = "b" | 16:1 | Did you mean 'beta'?
            protocol  = "C"           | protocol = C             | 12:12 | Unexpected
            """)
    void aWrongSettingIsRefusedWithItsPlace(
            final String original, final String wrong, final String place, final String message) {
        assertThat(TEXT).contains(original);

        assertThatThrownBy(
                        () ->
                                TidemarkConfig.parse(
                                        FILE, TEXT.replaceFirst(Pattern.quote(original), wrong)))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(FILE + ":" + place + ": ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "4 MiB, less than 8 MiB. A segment holds whole terms of the log",
        "24 MiB, no power of two up to 1 GiB. As in segment-size",
        "2 GiB, no power of two up to 1 GiB. As in segment-size"
    })
    void aSegmentSizeThatNoJournalCanHaveIsRefused(final String size, final String message) {
        assertThatThrownBy(
                        () ->
                                TidemarkConfig.parse(
                                        FILE,
                                        TEXT.replace(
                                                "port      = 7500",
                                                "port = 7500\nsegment-size = \"" + size + "\"")))
                .hasMessageStartingWith(FILE + ":9:1: ")
                .hasMessageContaining(message);
    }

    @Test
    void aDirectoryTooDeepForASocketIsRefused() {
        assertThatThrownBy(
                        () ->
                                TidemarkConfig.parse(
                                        FILE,
                                        TEXT.replace("\"beta\"", "\"" + "b".repeat(100) + "\"")))
                .hasMessageStartingWith(FILE + ":9:1: ")
                .hasMessageContaining("Choose a shorter directory");
    }

    @Test
    void resourcesWhoseNamesHashAlikeAreRefused() {
        // CRC32C: found by search over short names.
        final String[] pair = CollidingNames.find();

        assertThatThrownBy(
                        () ->
                                TidemarkConfig.parse(
                                        FILE,
                                        TEXT.replace("resources.r0", "resources." + pair[0])
                                                + "[resources."
                                                + pair[1]
                                                + "]\n"))
                .hasMessageStartingWith(FILE + ":17:1: ")
                .hasMessageContaining("have the same hash");
    }

    @Test
    void twoHostsMayUseTheSamePortsAndPaths() {
        final TidemarkConfig config =
                TidemarkConfig.parse(
                        FILE,
                        TEXT.replaceFirst("127.0.0.1", "10.0.0.1")
                                .replace("7500", "7400")
                                .replace("directory = \"beta\"", "directory = \"alpha\"")
                                .replace("/dev/sdb1", "alpha.img"));

        assertThat(config.nodes()).hasSize(2);
    }

    @Test
    void theDigestSeesWhatIsSharedOnly() {
        final long digest = digest(TEXT);

        assertThat(digest(TEXT.replace("/dev/sdb1", "/dev/sdc1"))).isEqualTo(digest);
        assertThat(digest(TEXT.replace("protocol  = \"C\"", "peer-timeout = \"9 s\"")))
                .isEqualTo(digest);
        assertThat(digest(TEXT.replace("\"C\"", "\"B\""))).isNotEqualTo(digest);
        assertThat(digest(TEXT.replace("1 GiB", "2 GiB"))).isNotEqualTo(digest);
        assertThat(digest(TEXT.replace("volumes.0", "volumes.1"))).isNotEqualTo(digest);
    }

    @Test
    void keyAndDigestStayWhatTheyAre() {
        // Nodes of different versions compare them: a change here is a change of the protocol.
        final ResourceSettings r0 = TidemarkConfig.parse(FILE, TEXT).resources().getFirst();

        assertThat(r0.key()).isEqualTo(KEY_OF_R0);
        assertThat(r0.digest()).isEqualTo(DIGEST_OF_R0);
    }

    @Test
    void aFileThatIsNotThereIsNamed(@TempDir final Path folder) {
        assertThatThrownBy(() -> TidemarkConfig.load(folder.resolve("none.toml")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("there is no such file");
    }

    @Test
    void pathsStartFromTheFilesFolder(@TempDir final Path folder) throws Exception {
        final Path file = Files.writeString(folder.resolve("t.toml"), TEXT);

        assertThat(TidemarkConfig.load(file).node("alpha").directory())
                .isEqualTo(folder.resolve("alpha"));
    }

    private static long digest(final String text) {
        return TidemarkConfig.parse(FILE, text).resources().getFirst().digest();
    }
}
