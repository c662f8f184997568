package io.tidemark.codec.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.codec.GoldenBytes;
import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** One of every control message: nodes of different versions talk in them during an upgrade. */
class PeerGoldenTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder decodedHeader = new MessageHeaderDecoder();

    private DirectBuffer golden(int limit, String hex) {
        return GoldenBytes.check(buffer, limit, hex);
    }

    @Test
    void hello() {
        HelloEncoder encoder = new HelloEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.protocolVersion(1).resourceKey(2).link(3).echo(4).nodeHigh(5).nodeLow(6);
        encoder.resourceHigh(7).resourceLow(8).baseHigh(9).baseLow(10).configDigest(11);
        encoder.recordingId(12).logStart(13).logEnd(14).durable(15).committed(16).applyLimit(17);
        encoder.highestEpoch(18).endedHigh(19).endedLow(20).role(Role.CANDIDATE).attempt(30);
        EpochIdentityEncoder epoch = encoder.epochsCount(1).next().epoch();
        epoch.number(21).startPosition(22).chainHash(23).nodeHigh(24).nodeLow(25);
        epoch.idHigh(26).idLow(27);
        encoder.volumesCount(1).next().volume(28).sizeBytes(29);
        encoder.nodeName("alpha").resourceName("r0");
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "a100010065000100"
                                + "0100000002000000030000000000000004000000000000000500000000000000"
                                + "0600000000000000070000000000000008000000000000000900000000000000"
                                + "0a000000000000000b000000000000000c000000000000000d00000000000000"
                                + "0e000000000000000f0000000000000010000000000000001100000000000000"
                                + "120000000000000013000000000000001400000000000000021e00000000000000"
                                + "38000100150000"
                                + "0000000000160000000000000017000000000000001800000000000000190000"
                                + "00000000001a000000000000001b000000000000000a0001001c001d00000000"
                                + "0000000500616c70686102007230");
        HelloDecoder decoder = new HelloDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(
                        new long[] {
                            decoder.protocolVersion(),
                            decoder.resourceKey(),
                            decoder.link(),
                            decoder.echo(),
                            decoder.nodeHigh(),
                            decoder.nodeLow(),
                            decoder.resourceHigh(),
                            decoder.resourceLow(),
                            decoder.baseHigh(),
                            decoder.baseLow(),
                            decoder.configDigest(),
                            decoder.recordingId(),
                            decoder.logStart(),
                            decoder.logEnd(),
                            decoder.durable(),
                            decoder.committed(),
                            decoder.applyLimit(),
                            decoder.highestEpoch(),
                            decoder.endedHigh(),
                            decoder.endedLow()
                        })
                .containsExactly(
                        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
        assertThat(decoder.role()).isEqualTo(Role.CANDIDATE);
        assertThat(decoder.attempt()).isEqualTo(30);
        HelloDecoder.EpochsDecoder epochs = decoder.epochs();
        assertThat(epochs.next().epoch().idLow()).isEqualTo(27);
        HelloDecoder.VolumesDecoder volumes = decoder.volumes();
        assertThat(volumes.next().volume()).isEqualTo(28);
        assertThat(volumes.sizeBytes()).isEqualTo(29);
        assertThat(decoder.nodeName()).isEqualTo("alpha");
        assertThat(decoder.resourceName()).isEqualTo("r0");
    }

    @Test
    void follow() {
        FollowEncoder encoder = new FollowEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).attempt(2).epochNumber(3).recordingId(4).common(5);
        EpochIdentityEncoder epoch = encoder.epochsCount(1).next().epoch();
        epoch.number(6).startPosition(7).chainHash(8).nodeHigh(9).nodeLow(10).idHigh(11).idLow(12);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "2400020065000100"
                                + "0100000002000000000000000300000000000000040000000000000005000000"
                                + "00000000"
                                + "38000100060000000000000007000000000000000800000000000000"
                                + "09000000000000000a000000000000000b000000000000000c00000000000000");
        FollowDecoder decoder = new FollowDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(decoder.epochs().next().epoch().idLow()).isEqualTo(12);
        checkFollow(decoder);
    }

    /** Before it told the epochs of the log to follow. */
    @Test
    void aFollowOfTheFirstVersion() {
        UnsafeBuffer first =
                new UnsafeBuffer(
                        HexFormat.of()
                                .parseHex(
                                        "2400020065000000"
                                                + "01000000020000000000000003000000000000000400"
                                                + "0000000000000500000000000000"));
        FollowDecoder decoder = new FollowDecoder().wrapAndApplyHeader(first, 0, decodedHeader);
        assertThat(decoder.epochs().hasNext()).isFalse();
        checkFollow(decoder);
    }

    private static void checkFollow(FollowDecoder decoder) {
        assertThat(
                        new long[] {
                            decoder.resourceKey(),
                            decoder.attempt(),
                            decoder.epochNumber(),
                            decoder.recordingId(),
                            decoder.common()
                        })
                .containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void positions() {
        PositionsEncoder encoder = new PositionsEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).link(2).attempt(9).epochNumber(3).recorded(4).durable(5);
        encoder.committed(6).applied(7).checkpoint(8);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "4400030065000100"
                                + "010000000200000000000000090000000000000003000000000000000400000000000000"
                                + "0500000000000000060000000000000007000000000000000800000000000000");
        PositionsDecoder decoder =
                new PositionsDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(
                        new long[] {
                            decoder.resourceKey(),
                            decoder.link(),
                            decoder.attempt(),
                            decoder.epochNumber(),
                            decoder.recorded(),
                            decoder.durable(),
                            decoder.committed(),
                            decoder.applied(),
                            decoder.checkpoint()
                        })
                .containsExactly(1, 2, 9, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void commit() {
        CommitEncoder encoder = new CommitEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).epochNumber(2).appended(3).recorded(4).durable(5).committed(6);
        encoder.applied(7).checkpoint(8).syncTo(9).appendedTimeNs(10);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "4c00040065000100"
                                + "0100000002000000000000000300000000000000040000000000000005000000"
                                + "0000000006000000000000000700000000000000080000000000000009000000"
                                + "000000000a00000000000000");
        CommitDecoder decoder = new CommitDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(
                        new long[] {
                            decoder.resourceKey(),
                            decoder.epochNumber(),
                            decoder.appended(),
                            decoder.recorded(),
                            decoder.durable(),
                            decoder.committed(),
                            decoder.applied(),
                            decoder.checkpoint(),
                            decoder.syncTo(),
                            decoder.appendedTimeNs()
                        })
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    @Test
    void refusal() {
        RefusalEncoder encoder = new RefusalEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).link(2).code(RefusalCode.DIVERGED).text("no");
        DirectBuffer golden =
                golden(encoder.limit(), "0d000500650001000100000002000000000000000502006e6f");
        RefusalDecoder decoder = new RefusalDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(decoder.resourceKey()).isEqualTo(1);
        assertThat(decoder.link()).isEqualTo(2);
        assertThat(decoder.code()).isEqualTo(RefusalCode.DIVERGED);
        assertThat(decoder.text()).isEqualTo("no");
    }

    @Test
    void leave() {
        LeaveEncoder encoder = new LeaveEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).link(2);
        DirectBuffer golden = golden(encoder.limit(), "0c00070065000100010000000200000000000000");
        LeaveDecoder decoder = new LeaveDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(decoder.resourceKey()).isEqualTo(1);
        assertThat(decoder.link()).isEqualTo(2);
    }

    @Test
    void heartbeat() {
        HeartbeatEncoder encoder = new HeartbeatEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.link(1).timeNs(2);
        DirectBuffer golden =
                golden(encoder.limit(), "100006006500010001000000000000000200000000000000");
        HeartbeatDecoder decoder =
                new HeartbeatDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(decoder.link()).isEqualTo(1);
        assertThat(decoder.timeNs()).isEqualTo(2);
    }

    @Test
    void rangeRequest() {
        RangeRequestEncoder encoder =
                new RangeRequestEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).link(2).request(3).damagedFrom(11).from(12).bytes(13);
        EpochIdentityEncoder epoch = encoder.epoch();
        epoch.number(4).startPosition(5).chainHash(6).nodeHigh(7).nodeLow(8).idHigh(9).idLow(10);
        encoder.end(14);
        EpochIdentityEncoder end = encoder.endEpoch();
        end.number(15).startPosition(16).chainHash(17).nodeHigh(18).nodeLow(19);
        end.idHigh(20).idLow(21);
        encoder.nodeName("beta");
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "a000080065000100"
                                + "0100000002000000000000000300000000000000"
                                + "0400000000000000050000000000000006000000000000000700000000000000"
                                + "080000000000000009000000000000000a00000000000000"
                                + "0b000000000000000c000000000000000d000000"
                                + "0e000000000000000f00000000000000100000000000000011000000"
                                + "00000000120000000000000013000000000000001400000000000000"
                                + "1500000000000000"
                                + "040062657461");
        RangeRequestDecoder decoder =
                new RangeRequestDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(decoder.end()).isEqualTo(14);
        assertThat(decoder.endEpoch().idLow()).isEqualTo(21);
        checkRangeRequest(decoder);
    }

    /** Before it named the epoch at the end of what is damaged. */
    @Test
    void aRangeRequestOfTheFirstVersion() {
        String first =
                "6000080065000000"
                        + "0100000002000000000000000300000000000000"
                        + "0400000000000000050000000000000006000000000000000700000000000000"
                        + "080000000000000009000000000000000a00000000000000"
                        + "0b000000000000000c000000000000000d000000"
                        + "040062657461";
        RangeRequestDecoder decoder =
                new RangeRequestDecoder()
                        .wrapAndApplyHeader(
                                new UnsafeBuffer(HexFormat.of().parseHex(first)), 0, decodedHeader);
        assertThat(decoder.endEpoch()).isNull();
        checkRangeRequest(decoder);
    }

    private static void checkRangeRequest(RangeRequestDecoder decoder) {
        assertThat(
                        new long[] {
                            decoder.resourceKey(),
                            decoder.link(),
                            decoder.request(),
                            decoder.epoch().number(),
                            decoder.epoch().idLow(),
                            decoder.damagedFrom(),
                            decoder.from(),
                            decoder.bytes()
                        })
                .containsExactly(1, 2, 3, 4, 10, 11, 12, 13);
        assertThat(decoder.nodeName()).isEqualTo("beta");
    }

    @Test
    void rangeData() {
        RangeDataEncoder encoder = new RangeDataEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).link(2).request(3).from(4).putFrames(new byte[] {5, 6, 7}, 0, 3);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "1c00090065000100"
                                + "01000000020000000000000003000000000000000400000000000000"
                                + "03000000050607");
        RangeDataDecoder decoder =
                new RangeDataDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(
                        new long[] {
                            decoder.resourceKey(), decoder.link(), decoder.request(), decoder.from()
                        })
                .containsExactly(1, 2, 3, 4);
        byte[] frames = new byte[decoder.framesLength()];
        decoder.getFrames(frames, 0, frames.length);
        assertThat(frames).containsExactly(5, 6, 7);
    }

    @Test
    void rangeRefusal() {
        RangeRefusalEncoder encoder =
                new RangeRefusalEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.resourceKey(1).link(2).request(3).text("no");
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "14000a0065000100" + "010000000200000000000000030000000000000002006e6f");
        RangeRefusalDecoder decoder =
                new RangeRefusalDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(decoder.resourceKey()).isEqualTo(1);
        assertThat(decoder.link()).isEqualTo(2);
        assertThat(decoder.request()).isEqualTo(3);
        assertThat(decoder.text()).isEqualTo("no");
    }

    @Test
    void proof() {
        ProofEncoder encoder = new ProofEncoder().wrapAndApplyHeader(buffer, 0, header);
        encoder.protocolVersion(1).nonceHigh(2).nonceLow(3).echoHigh(4).echoLow(5);
        encoder.codeHigh(6).codeLow(7).accepted((short) 1).fromNode("alpha").toNode("beta");
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "35000b0065000100"
                                + "010000000200000000000000030000000000000004000000000000000500"
                                + "0000000000000600000000000000070000000000000001"
                                + "0500616c706861040062657461");
        ProofDecoder decoder = new ProofDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(
                        new long[] {
                            decoder.protocolVersion(),
                            decoder.nonceHigh(),
                            decoder.nonceLow(),
                            decoder.echoHigh(),
                            decoder.echoLow(),
                            decoder.codeHigh(),
                            decoder.codeLow(),
                            decoder.accepted()
                        })
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 1);
        assertThat(decoder.fromNode()).isEqualTo("alpha");
        assertThat(decoder.toNode()).isEqualTo("beta");
    }
}
