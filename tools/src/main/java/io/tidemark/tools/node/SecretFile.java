package io.tidemark.tools.node;

import io.tidemark.journal.secret.SharedSecret;
import io.tidemark.tools.config.NodeSettings;
import io.tidemark.tools.config.TidemarkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the secret that the nodes share, once when the node starts. */
final class SecretFile {
    private static final System.Logger LOG = System.getLogger(SecretFile.class.getName());
    private static final long MAX_BYTES = 4_096;
    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.of(
                    PosixFilePermission.GROUP_READ,
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE,
                    PosixFilePermission.OTHERS_EXECUTE);

    private SecretFile() {}

    /**
     * The secret, or null if the configuration names none; then nodes that others can reach say so
     * once.
     *
     * @throws NodeException if the file is no good secret
     */
    static @Nullable SharedSecret of(TidemarkConfig config) {
        if (config.secretFile().isPresent()) {
            return read(config.secretFile().get());
        }
        if (config.nodes().size() > 1
                && !config.nodes().stream().allMatch(NodeSettings::onLoopback)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} names no secret-file: whoever reaches this node''s UDP ports can read its volumes and talk as one of its peers",
                    config.file());
        }
        return null;
    }

    static SharedSecret read(Path file) {
        try {
            PosixFileAttributes attributes =
                    Files.readAttributes(file, PosixFileAttributes.class, new LinkOption[0]);
            if (!attributes.isRegularFile()) {
                throw new NodeException(
                        "the secret-file "
                                + file
                                + " is no regular file. "
                                + remedy("Make it one", file));
            }
            if (attributes.permissions().stream().anyMatch(OTHERS::contains)) {
                throw new NodeException(
                        "the secret-file "
                                + file
                                + " is open to others than its owner ("
                                + PosixFilePermissions.toString(attributes.permissions())
                                + "): chmod 600 "
                                + file);
            }
            if (attributes.size() > MAX_BYTES) {
                throw new NodeException(
                        "the secret-file "
                                + file
                                + " has "
                                + attributes.size()
                                + " bytes, at most "
                                + MAX_BYTES
                                + " are read. "
                                + remedy("Write a shorter one", file));
            }
            byte[] secret = trimmed(Files.readAllBytes(file));
            if (secret.length < SharedSecret.MIN_BYTES) {
                throw new NodeException(
                        "the secret-file "
                                + file
                                + " has "
                                + secret.length
                                + " bytes without blanks around, "
                                + SharedSecret.MIN_BYTES
                                + " are the least. "
                                + remedy("Write a longer one", file));
            }
            return SharedSecret.of(secret);
        } catch (IOException e) {
            String why = Files.exists(file) ? e.toString() : "there is no such file";
            throw new NodeException(
                    "cannot read the secret-file "
                            + file
                            + ": "
                            + why
                            + ". "
                            + remedy("Copy it from another node, or make one", file),
                    e);
        }
    }

    private static String remedy(String what, Path file) {
        return what
                + ", the same for all nodes: (umask 077; head -c 32 /dev/urandom | base64 > "
                + file
                + ")";
    }

    /** Without the blanks and line ends around it, which editors add. */
    private static byte[] trimmed(byte[] bytes) {
        int from = 0;
        int to = bytes.length;
        while (from < to && blank(bytes[from])) {
            from++;
        }
        while (to > from && blank(bytes[to - 1])) {
            to--;
        }
        return Arrays.copyOfRange(bytes, from, to);
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
