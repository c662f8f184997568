package io.tidemark.tools.crash;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.tools.crash.Request.Kind;
import io.tidemark.tools.disk.DiskClock;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderCheckTest {
    private static final int LENGTH = 1024;
    private static final int VOLUME = 8192;

    private final History history = new History(new DiskClock());
    private final int one = history.connect();
    private final int other = history.connect();

    @Test
    void acceptsABeginningOfWhatWasSent() {
        Request first = answered(one, 0);
        answered(one, 1024);
        assertThatCode(() -> check(first)).doesNotThrowAnyException();
    }

    @Test
    void findsAHoleInAConnectionsRequests() {
        answered(one, 0);
        Request second = answered(one, 1024);
        assertThatThrownBy(() -> check(second)).isInstanceOf(OracleFailure.class);
    }

    @Test
    void findsARequestThatOvertookOneAnsweredBefore() {
        Request first = answered(one, 0);
        Request second = answered(other, 0);
        assertThatThrownBy(() -> check(second, first)).hasMessageContaining("answered before");
    }

    @Test
    void findsARequestThatIsThereWithoutOneAnsweredBefore() {
        answered(one, 0);
        Request second = answered(other, 0);
        assertThatThrownBy(() -> check(second)).hasMessageContaining("not at all");
    }

    @Test
    void acceptsAnyOrderOfRequestsUnderWayAtOnce() {
        Request first = history.send(one, Kind.WRITE, 0, LENGTH, false);
        Request second = history.send(other, Kind.WRITE, 0, LENGTH, false);
        history.answer(first);
        history.answer(second);
        assertThatCode(() -> check(second, first)).doesNotThrowAnyException();
        assertThatCode(() -> check(second)).doesNotThrowAnyException();
    }

    @Test
    void findsARequestInPart() {
        Request first = answered(one, 0);
        LoggedRequest logged = logged(first, 100);
        byte[] torn = logged.payload().clone();
        Arrays.fill(torn, 512, 1024, (byte) 0);
        LoggedRequest part = new LoggedRequest(100, 1, one, Kind.WRITE, 0, LENGTH, torn);
        assertThatThrownBy(() -> order().log(List.of(part))).hasMessageContaining("payload");
    }

    @Test
    void requiresWhatWasFlushedAndWhatHadFua() {
        Request covered = answered(one, 0);
        history.answer(history.send(one, Kind.FLUSH, 0, 0, false));
        Request late = answered(one, 1024);
        long now = history.clock().now();
        assertThatCode(() -> order().log(log(covered)).holds(MustSurvive.FLUSHED.of(history, now)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> order().holds(MustSurvive.FLUSHED.of(history, now)))
                .hasMessageContaining("promised");
        assertThatThrownBy(
                        () ->
                                order().log(log(covered))
                                        .holds(MustSurvive.ANSWERED.of(history, now)))
                .hasMessageContaining(late.toString());
    }

    @Test
    void aVolumeMayNotHoldWhatWasOverwrittenForSure() {
        Request old = answered(one, 0);
        Request young = answered(other, 0);
        byte[] stale = LogReplay.run(log(old), VOLUME);
        VolumeCheck check = new VolumeCheck(history, history.clock().now(), VOLUME);
        assertThatThrownBy(() -> check.holds(stale, List.of(young))).hasMessageContaining("older");
        assertThatCode(() -> check.holds(LogReplay.run(log(young), VOLUME), List.of(old, young)))
                .doesNotThrowAnyException();
    }

    @Test
    void aVolumeMayNotHoldZeroesWhereNothingZeroedAWriteThatMustBeThere() {
        Request write = answered(one, 0);
        byte[] zeroes = new byte[VOLUME];
        long now = history.clock().now();
        assertThatThrownBy(
                        () -> new VolumeCheck(history, now, VOLUME).holds(zeroes, List.of(write)))
                .hasMessageContaining("zeroes");
        history.answer(history.send(other, Kind.TRIM, 0, LENGTH, false));
        long later = history.clock().now();
        assertThatCode(() -> new VolumeCheck(history, later, VOLUME).holds(zeroes, List.of(write)))
                .doesNotThrowAnyException();
    }

    @Test
    void aVolumeMayNotHoldWhatNobodyWrote() {
        Request write = answered(one, 0);
        byte[] volume = LogReplay.run(log(write), VOLUME);
        volume[700] ^= 1;
        VolumeCheck check = new VolumeCheck(history, history.clock().now(), VOLUME);
        assertThatThrownBy(() -> check.written(volume)).hasMessageContaining("nothing that was");
    }

    private Request answered(int writer, long offset) {
        Request request = history.send(writer, Kind.WRITE, offset, LENGTH, false);
        history.answer(request);
        return request;
    }

    private void check(Request... log) {
        order().log(log(log)).noHoles();
    }

    private OrderCheck order() {
        return new OrderCheck(history, history.clock().now());
    }

    private static List<LoggedRequest> log(Request... requests) {
        return Arrays.stream(requests).map(request -> logged(request, request.sent())).toList();
    }

    private static LoggedRequest logged(Request request, long position) {
        ByteBuffer payload = ByteBuffer.allocate(request.length());
        for (long i = 0; i < request.length() / Stamp.BYTES; i++) {
            long sector = request.offset() / Stamp.BYTES + i;
            new Stamp(request.writer(), request.number(), sector).write(payload);
        }
        return new LoggedRequest(
                position,
                1,
                request.writer(),
                request.kind(),
                request.offset(),
                request.length(),
                payload.array());
    }
}
