package io.tidemark.codec.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.codec.GoldenBytes;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * One of every log entry. Entries are compared between nodes byte by byte and outlive the program
 * that wrote them.
 */
class LogGoldenTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder decodedHeader = new MessageHeaderDecoder();

    private static void fill(EntryHeaderEncoder header) {
        header.headerCrc32c(0x01020304)
                .payloadCrc32c(0xf1f2f3f4L)
                .position(0x1112131415161718L)
                .committed(0x2122232425262728L)
                .timeNs(0x3132333435363738L)
                .client(0x4142434445464748L)
                .keyId(0x51525354)
                .part(0x6162)
                .volume(0x7172);
        header.flags().clear().lastOfRequest(true).sync(true);
    }

    private static void check(EntryHeaderDecoder header) {
        assertThat(header.headerCrc32c()).isEqualTo(0x01020304);
        assertThat(header.payloadCrc32c()).isEqualTo(0xf1f2f3f4L);
        assertThat(header.position()).isEqualTo(0x1112131415161718L);
        assertThat(header.committed()).isEqualTo(0x2122232425262728L);
        assertThat(header.timeNs()).isEqualTo(0x3132333435363738L);
        assertThat(header.client()).isEqualTo(0x4142434445464748L);
        assertThat(header.keyId()).isEqualTo(0x51525354);
        assertThat(header.part()).isEqualTo(0x6162);
        assertThat(header.volume()).isEqualTo(0x7172);
        assertThat(header.flags().getRaw()).isEqualTo(0b101);
    }

    private DirectBuffer golden(int limit, String hex) {
        return GoldenBytes.check(buffer, limit, hex);
    }

    @Test
    void flagsKeepTheirBits() {
        EntryHeaderEncoder entry = new EntryHeaderEncoder().wrap(buffer, 0);
        entry.flags().clear().fua(true).noHole(true).compressed(true).encrypted(true);
        EntryFlagsDecoder flags = new EntryHeaderDecoder().wrap(buffer, 0).flags();
        assertThat(flags.getRaw()).isEqualTo(0b111010);
    }

    @Test
    void write() {
        WriteEncoder encoder = new WriteEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.volumeOffset(0x8182).putPayload(new byte[] {1, 2, 3}, 0, 3);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "3a00010064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105008281000000000000030000000102"
                                + "03");
        WriteDecoder decoder = new WriteDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(decoder.volumeOffset()).isEqualTo(0x8182);
        byte[] payload = new byte[decoder.payloadLength()];
        decoder.getPayload(payload, 0, payload.length);
        assertThat(payload).containsExactly(1, 2, 3);
    }

    @Test
    void writeZeroes() {
        WriteZeroesEncoder encoder = new WriteZeroesEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.volumeOffset(0x8182).volumeLength(0x9192);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "4200020064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105008281000000000000929100000000"
                                + "0000");
        WriteZeroesDecoder decoder =
                new WriteZeroesDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(decoder.volumeOffset()).isEqualTo(0x8182);
        assertThat(decoder.volumeLength()).isEqualTo(0x9192);
    }

    @Test
    void trim() {
        TrimEncoder encoder = new TrimEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.volumeOffset(0x8182).volumeLength(0x9192);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "4200030064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105008281000000000000929100000000"
                                + "0000");
        TrimDecoder decoder = new TrimDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(decoder.volumeOffset()).isEqualTo(0x8182);
        assertThat(decoder.volumeLength()).isEqualTo(0x9192);
    }

    @Test
    void flush() {
        FlushEncoder encoder = new FlushEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "3200040064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "484746454443424154535251626172710500");
        check(new FlushDecoder().wrapAndApplyHeader(golden, 0, decodedHeader).header());
    }

    @Test
    void epochStart() {
        EpochStartEncoder encoder = new EpochStartEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.epoch()
                .number(1)
                .startPosition(2)
                .chainHash(3)
                .nodeHigh(4)
                .nodeLow(5)
                .idHigh(6)
                .idLow(7);
        encoder.resourceHigh(8).resourceLow(9).forced(BooleanType.YES);
        encoder.givenUpFrom(10).givenUpTo(11).inSyncCount(1).next().nodeHigh(12).nodeLow(13);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "8b00050064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105000100000000000000020000000000"
                                + "0000030000000000000004000000000000000500000000000000060000000000"
                                + "0000070000000000000008000000000000000900000000000000010a00000000"
                                + "0000000b00000000000000100001000c000000000000000d00000000000000");
        EpochStartDecoder decoder =
                new EpochStartDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        EpochIdentityDecoder epoch = decoder.epoch();
        assertThat(
                        new long[] {
                            epoch.number(),
                            epoch.startPosition(),
                            epoch.chainHash(),
                            epoch.nodeHigh(),
                            epoch.nodeLow(),
                            epoch.idHigh(),
                            epoch.idLow(),
                            decoder.resourceHigh(),
                            decoder.resourceLow(),
                            decoder.givenUpFrom(),
                            decoder.givenUpTo()
                        })
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(decoder.forced()).isEqualTo(BooleanType.YES);
        EpochStartDecoder.InSyncDecoder inSync = decoder.inSync();
        assertThat(inSync.count()).isEqualTo(1);
        inSync.next();
        assertThat(inSync.nodeHigh()).isEqualTo(12);
        assertThat(inSync.nodeLow()).isEqualTo(13);
    }

    @Test
    void epochEnd() {
        EpochEndEncoder encoder = new EpochEndEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.epochNumber(1).heirHigh(2).heirLow(3);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "4a00060064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105000100000000000000020000000000"
                                + "00000300000000000000");
        EpochEndDecoder decoder =
                new EpochEndDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(new long[] {decoder.epochNumber(), decoder.heirHigh(), decoder.heirLow()})
                .containsExactly(1, 2, 3);
    }

    @Test
    void inSyncSet() {
        InSyncSetEncoder encoder = new InSyncSetEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        InSyncSetEncoder.InSyncEncoder nodes = encoder.epochNumber(1).inSyncCount(2);
        nodes.next().nodeHigh(2).nodeLow(3);
        nodes.next().nodeHigh(4).nodeLow(5);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "3a00070064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105000100000000000000100002000200"
                                + "000000000000030000000000000004000000000000000500000000000000");
        InSyncSetDecoder decoder =
                new InSyncSetDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(decoder.epochNumber()).isEqualTo(1);
        InSyncSetDecoder.InSyncDecoder inSync = decoder.inSync();
        assertThat(inSync.count()).isEqualTo(2);
        inSync.next();
        assertThat(inSync.next().nodeLow()).isEqualTo(5);
    }

    @Test
    void seal() {
        SealEncoder encoder = new SealEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.epochNumber(1).chainHash(0x8182838485868788L);
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "4200080064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "4847464544434241545352516261727105000100000000000000888786858483"
                                + "8281");
        SealDecoder decoder = new SealDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(decoder.epochNumber()).isEqualTo(1);
        assertThat(decoder.chainHash()).isEqualTo(0x8182838485868788L);
    }

    @Test
    void mark() {
        MarkEncoder encoder = new MarkEncoder().wrapAndApplyHeader(buffer, 0, header);
        fill(encoder.header());
        encoder.keep(BooleanType.YES).name("über");
        DirectBuffer golden =
                golden(
                        encoder.limit(),
                        "3300090064000000"
                                + "04030201f4f3f2f1181716151413121128272625242322213837363534333231"
                                + "484746454443424154535251626172710500010500c3bc626572");
        MarkDecoder decoder = new MarkDecoder().wrapAndApplyHeader(golden, 0, decodedHeader);
        check(decoder.header());
        assertThat(decoder.keep()).isEqualTo(BooleanType.YES);
        assertThat(decoder.name()).isEqualTo("über");
    }
}
