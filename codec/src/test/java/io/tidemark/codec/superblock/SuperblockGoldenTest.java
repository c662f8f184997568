package io.tidemark.codec.superblock;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.codec.GoldenBytes;
import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * The superblock and the frame of its slot: read by every later version, or a node forgets who it
 * is.
 */
class SuperblockGoldenTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderDecoder decodedHeader = new MessageHeaderDecoder();

    @Test
    void slot() {
        SlotEncoder encoder = new SlotEncoder().wrap(buffer, 0);
        encoder.magic(0x0102030405060708L).generation(2).length(3).crc32c(0xf1f2f3f4L);
        DirectBuffer golden =
                GoldenBytes.check(
                        buffer,
                        encoder.limit(),
                        "0807060504030201020000000000000003000000f4f3f2f1");
        SlotDecoder decoder = new SlotDecoder().wrap(golden, 0, SlotDecoder.BLOCK_LENGTH, 0);
        assertThat(decoder.magic()).isEqualTo(0x0102030405060708L);
        assertThat(decoder.generation()).isEqualTo(2);
        assertThat(decoder.length()).isEqualTo(3);
        assertThat(decoder.crc32c()).isEqualTo(0xf1f2f3f4L);
    }

    @Test
    void superblock() {
        SuperblockEncoder encoder =
                new SuperblockEncoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        encoder.nodeHigh(1).nodeLow(2).resourceHigh(3).resourceLow(4).baseHigh(5).baseLow(6);
        encoder.recordingId(7).checkpoint(8).checkpointChain(9).applyLimit(10).durable(11);
        encoder.committed(12).highestEpoch(13).inSyncPosition(14).role(RememberedRole.PRIMARY);
        encoder.heirHigh(30).heirLow(31).fileInode(32).discardTo(41);
        EpochIdentityEncoder epoch = encoder.epochsCount(1).next().epoch();
        epoch.number(15).startPosition(16).chainHash(17).nodeHigh(18).nodeLow(19);
        epoch.idHigh(20).idLow(21);
        encoder.inSyncCount(1).next().nodeHigh(22).nodeLow(23);
        SuperblockEncoder.PeersEncoder peers = encoder.peersCount(1).next();
        peers.nodeHigh(24).nodeLow(25).durable(26).checkpoint(27).name("beta");
        encoder.volumesCount(1).next().volume(28).sizeBytes(29).partition("file inode 7");
        EpochIdentityEncoder ahead = encoder.aheadCount(1).next().epoch();
        ahead.number(33).startPosition(34).chainHash(35).nodeHigh(36).nodeLow(37);
        ahead.idHigh(38).idLow(39);
        encoder.resourceName("r0");
        DirectBuffer golden =
                GoldenBytes.check(
                        buffer,
                        encoder.limit(),
                        "9100020066000300"
                                + "0100000000000000020000000000000003000000000000000400000000000000"
                                + "0500000000000000060000000000000007000000000000000800000000000000"
                                + "09000000000000000a000000000000000b000000000000000c00000000000000"
                                + "0d000000000000000e00000000000000011e000000000000001f0000000000000020000000000000002900000000000000"
                                + "380001000f00000000000000100000"
                                + "0000000000110000000000000012000000000000001300000000000000140000"
                                + "0000000000150000000000000010000100160000000000000017000000000000"
                                + "0020000100180000000000000019000000000000001a000000000000001b0000"
                                + "00000000000400626574610a0001001c001d000000000000000c0066696c6520"
                                + "696e6f64652037"
                                + "3800010021000000000000002200000000000000230000000000000024000000"
                                + "00000000250000000000000026000000000000002700000000000000"
                                + "02007230");
        assertThat(check(golden).ahead().next().epoch().idLow()).isEqualTo(39);
    }

    /** Before the position to discard to was added behind the inode. */
    @Test
    void aSuperblockOfTheThirdVersionIsRead() {
        String hex =
                "8900020066000200"
                        + "0100000000000000020000000000000003000000000000000400000000000000"
                        + "0500000000000000060000000000000007000000000000000800000000000000"
                        + "09000000000000000a000000000000000b000000000000000c00000000000000"
                        + "0d000000000000000e00000000000000011e000000000000001f000000000000002000000000000000"
                        + "380001000f00000000000000100000"
                        + "0000000000110000000000000012000000000000001300000000000000140000"
                        + "0000000000150000000000000010000100160000000000000017000000000000"
                        + "0020000100180000000000000019000000000000001a000000000000001b0000"
                        + "00000000000400626574610a0001001c001d000000000000000c0066696c6520"
                        + "696e6f64652037"
                        + "3800010021000000000000002200000000000000230000000000000024000000"
                        + "00000000250000000000000026000000000000002700000000000000"
                        + "02007230";
        SuperblockDecoder decoder = check(new UnsafeBuffer(HexFormat.of().parseHex(hex)));
        assertThat(decoder.ahead().next().epoch().idLow()).isEqualTo(39);
        assertThat(decoder.discardTo()).isEqualTo(SuperblockDecoder.discardToNullValue());
    }

    /** Before the epochs ahead were added behind the volumes. */
    @Test
    void aSuperblockOfTheSecondVersionIsRead() {
        String hex =
                "8900020066000100010000000000000002000000000000000300000000000000"
                        + "0400000000000000050000000000000006000000000000000700000000000000"
                        + "080000000000000009000000000000000a000000000000000b00000000000000"
                        + "0c000000000000000d000000000000000e00000000000000011e000000000000"
                        + "001f000000000000002000000000000000380001000f00000000000000100000"
                        + "0000000000110000000000000012000000000000001300000000000000140000"
                        + "0000000000150000000000000010000100160000000000000017000000000000"
                        + "0020000100180000000000000019000000000000001a000000000000001b0000"
                        + "00000000000400626574610a0001001c001d000000000000000c0066696c6520"
                        + "696e6f6465203702007230";
        SuperblockDecoder decoder = check(new UnsafeBuffer(HexFormat.of().parseHex(hex)));
        assertThat(decoder.ahead().hasNext()).isFalse();
        assertThat(decoder.fileInode()).isEqualTo(32);
    }

    /** Before the file's inode was added behind the heir. */
    @Test
    void aSuperblockOfTheFirstVersionIsRead() {
        String hex =
                "8100020066000000"
                        + "0100000000000000020000000000000003000000000000000400000000000000"
                        + "0500000000000000060000000000000007000000000000000800000000000000"
                        + "09000000000000000a000000000000000b000000000000000c00000000000000"
                        + "0d000000000000000e00000000000000011e000000000000001f00000000000000"
                        + "380001000f000000000000001000000000000000110000000000000012000000"
                        + "0000000013000000000000001400000000000000150000000000000010000100"
                        + "1600000000000000170000000000000020000100180000000000000019000000"
                        + "000000001a000000000000001b000000000000000400626574610a0001001c00"
                        + "1d000000000000000c0066696c6520696e6f6465203702007230";
        UnsafeBuffer golden = new UnsafeBuffer(HexFormat.of().parseHex(hex));
        check(golden);
        assertThat(new SuperblockDecoder().wrapAndApplyHeader(golden, 0, decodedHeader).fileInode())
                .isEqualTo(SuperblockDecoder.fileInodeNullValue());
    }

    /** All but the epochs ahead; the decoder stands where they begin in a message that has them. */
    private SuperblockDecoder check(DirectBuffer golden) {
        SuperblockDecoder decoder =
                new SuperblockDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        assertThat(
                        new long[] {
                            decoder.nodeHigh(),
                            decoder.nodeLow(),
                            decoder.resourceHigh(),
                            decoder.resourceLow(),
                            decoder.baseHigh(),
                            decoder.baseLow(),
                            decoder.recordingId(),
                            decoder.checkpoint(),
                            decoder.checkpointChain(),
                            decoder.applyLimit(),
                            decoder.durable(),
                            decoder.committed(),
                            decoder.highestEpoch(),
                            decoder.inSyncPosition(),
                            decoder.heirHigh(),
                            decoder.heirLow()
                        })
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 30, 31);
        assertThat(decoder.role()).isEqualTo(RememberedRole.PRIMARY);
        assertThat(decoder.epochs().next().epoch().idLow()).isEqualTo(21);
        assertThat(decoder.inSync().next().nodeLow()).isEqualTo(23);
        SuperblockDecoder.PeersDecoder peers = decoder.peers();
        assertThat(peers.next().checkpoint()).isEqualTo(27);
        assertThat(peers.name()).isEqualTo("beta");
        SuperblockDecoder.VolumesDecoder volumes = decoder.volumes();
        assertThat(volumes.next().sizeBytes()).isEqualTo(29);
        assertThat(volumes.partition()).isEqualTo("file inode 7");
        int here = decoder.limit();
        decoder.ahead().forEach(epoch -> {});
        assertThat(decoder.resourceName()).isEqualTo("r0");
        decoder.limit(here);
        return decoder;
    }
}
