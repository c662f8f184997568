package io.tidemark.tools.config;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The digest by which two nodes find out whether their files describe the same resource. It covers
 * a canonical text, so neither formatting nor the order of keys matters; a new shared setting gets
 * a line of its own only where it differs from its default, so that nodes of two versions still
 * agree.
 */
final class SharedDigest {
    private SharedDigest() {}

    static long of(final ResourceSettings resource) {
        final StringBuilder text = new StringBuilder();
        text.append("resource ").append(resource.name()).append('\n');
        text.append("protocol ").append(resource.protocol().name()).append('\n');
        for (final VolumeSettings volume : resource.volumes()) {
            text.append("volume ")
                    .append(volume.number())
                    .append(' ')
                    .append(volume.sizeBytes())
                    .append('\n');
        }
        final byte[] hash = sha256().digest(text.toString().getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(hash).getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
