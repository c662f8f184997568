package io.tidemark.nbd;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A device in memory that shows what the server did to it: it can hold completions back, complete
 * them in any order, and refuse to take requests.
 */
final class MemoryDevice implements BlockDevice {
    final byte[] content;
    final List<String> taken = new ArrayList<>();
    final List<DeviceRequest> held = new ArrayList<>();
    boolean readOnly;
    boolean holding;
    boolean refusing;
    long largestTaken = Long.MAX_VALUE;
    int refusals;
    int largestSlice;

    MemoryDevice(int size) {
        content = new byte[size];
    }

    @Override
    public long sizeBytes() {
        return content.length;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public boolean submit(DeviceRequest request) {
        if (refusing || request.length() > largestTaken) {
            refusals++;
            return false;
        }
        taken.add(describe(request));
        if (request.command() == Command.WRITE) {
            write(request);
        }
        if (holding) {
            held.add(request);
        } else {
            finish(request, NbdErrors.NONE);
        }
        return true;
    }

    private static String describe(DeviceRequest request) {
        String flags = (request.fua() ? " fua" : "") + (request.noHole() ? " no-hole" : "");
        return request.command() + " " + request.offset() + "+" + request.length() + flags;
    }

    private void write(DeviceRequest request) {
        int at = (int) request.offset();
        int sum = 0;
        for (int i = 0; i < request.payloadCount(); i++) {
            int length = request.payloadLength(i);
            largestSlice = Math.max(largestSlice, length);
            request.payload(i).getBytes(request.payloadOffset(i), content, at, length);
            at += length;
            sum += length;
        }
        if (sum != request.length()) {
            throw new AssertionError("payload of " + sum + " bytes for " + request.length());
        }
    }

    private void finish(DeviceRequest request, int error) {
        int from = (int) request.offset();
        switch (request.command()) {
            case READ -> {
                ByteBuffer target = request.target();
                if (target.remaining() != request.length()) {
                    throw new AssertionError("target of " + target.remaining());
                }
                target.put(content, from, (int) request.length());
            }
            case TRIM, WRITE_ZEROES ->
                    Arrays.fill(content, from, from + (int) request.length(), (byte) 0);
            case WRITE, FLUSH -> {}
        }
        request.complete(error);
    }

    /** Completes the n-th request held. */
    void complete(int n) {
        finish(held.remove(n), NbdErrors.NONE);
    }

    void fail(int n, int error) {
        held.remove(n).complete(error);
    }

    void completeAll() {
        while (!held.isEmpty()) {
            complete(0);
        }
    }
}
