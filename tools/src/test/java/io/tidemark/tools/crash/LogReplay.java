package io.tidemark.tools.crash;

import java.util.Arrays;
import java.util.List;

/** Applies a log to a volume of zeroes, request by request, the slow and obvious way. */
final class LogReplay {
    private LogReplay() {}

    static byte[] run(List<LoggedRequest> log, int volumeBytes) {
        byte[] volume = new byte[volumeBytes];
        for (LoggedRequest request : log) {
            int from = (int) request.offset();
            int to = (int) (request.offset() + request.length());
            if (request.kind() == Request.Kind.WRITE) {
                System.arraycopy(request.payload(), 0, volume, from, to - from);
            } else {
                Arrays.fill(volume, from, to, (byte) 0);
            }
        }
        return volume;
    }

    /** The volume is what its log makes of it: every request whole or absent. */
    static void compare(String what, byte[] volume, List<LoggedRequest> log) {
        int mismatch = Arrays.mismatch(volume, run(log, volume.length));
        if (mismatch >= 0) {
            throw new OracleFailure(
                    "%s differs from its log at byte %d, sector %d: holds %s"
                            .formatted(
                                    what,
                                    mismatch,
                                    mismatch / Stamp.BYTES,
                                    Stamp.read(volume, mismatch - mismatch % Stamp.BYTES)));
        }
    }
}
