package io.tidemark.tools.crash;

/**
 * One request of a client and what became of it. Set by the client's thread; read by others when it
 * has ended.
 */
final class Request {
    /** Clock of a reply that never came. */
    static final long NEVER = Long.MAX_VALUE;

    enum Kind {
        WRITE,
        TRIM,
        ZEROES,
        FLUSH
    }

    private final int writer;
    private final int number;
    private final Kind kind;
    private final long offset;
    private final int length;
    private final boolean fua;
    private final long sent;
    private volatile long answered = NEVER;

    /**
     * @param number on its connection, from 0
     * @param sent clock before it was sent
     */
    Request(int writer, int number, Kind kind, long offset, int length, boolean fua, long sent) {
        this.writer = writer;
        this.number = number;
        this.kind = kind;
        this.offset = offset;
        this.length = length;
        this.fua = fua;
        this.sent = sent;
    }

    /** The reply has come; the clock is one of after that. */
    void answered(long clock) {
        answered = clock;
    }

    int writer() {
        return writer;
    }

    int number() {
        return number;
    }

    Kind kind() {
        return kind;
    }

    boolean mutates() {
        return kind != Kind.FLUSH;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    boolean fua() {
        return fua;
    }

    long sent() {
        return sent;
    }

    long answered() {
        return answered;
    }

    boolean covers(long sector) {
        return offset / Stamp.BYTES <= sector && sector < (offset + length) / Stamp.BYTES;
    }

    @Override
    public String toString() {
        return "%s %d of connection %d at %d, %d bytes%s, sent %d, answered %s"
                .formatted(
                        kind,
                        number,
                        writer,
                        offset,
                        length,
                        fua ? " FUA" : "",
                        sent,
                        answered == NEVER ? "never" : answered);
    }
}
