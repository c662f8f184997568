package io.tidemark.tools.admin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of a bounded length: what comes over a socket must not decide how much memory is
 * used.
 */
final class LineReader {
    private static final int FIRST_BYTES = 4096;

    private final InputStream in;
    private final int maxBytes;

    LineReader(final InputStream in, final int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /**
     * The next line without its newline, or null at the end of the stream. An unfinished last line
     * is no line.
     *
     * @throws LineTooLongException when no newline came within the limit
     */
    @Nullable String next() throws IOException {
        byte[] bytes = new byte[Math.min(FIRST_BYTES, maxBytes)];
        int length = 0;
        while (true) {
            final int next = in.read();
            if (next < 0) {
                return null;
            }
            if (next == '\n') {
                return new String(bytes, 0, length, StandardCharsets.UTF_8);
            }
            if (length == maxBytes) {
                throw new LineTooLongException(maxBytes);
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, 2L * length));
            }
            bytes[length++] = (byte) next;
        }
    }

    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        LineTooLongException(final int maxBytes) {
            super("a line of more than " + maxBytes + " bytes");
        }
    }
}
