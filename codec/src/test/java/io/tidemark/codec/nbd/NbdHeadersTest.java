package io.tidemark.codec.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * The fixed headers, byte by byte as doc/proto.md of the NBD project gives them: a change of the
 * schema that moves a byte fails here, not at a client.
 */
class NbdHeadersTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);

    private void assertBytes(int length, String expected) {
        byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        String plain = expected.replace(" ", "");
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(plain);
    }

    private UnsafeBuffer bytes(String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void greeting() {
        new GreetingEncoder()
                .wrap(buffer, 0)
                .magic(0x4e42444d41474943L)
                .optionMagic(0x49484156454F5054L)
                .handshakeFlags(3);
        // "NBDMAGIC", "IHAVEOPT", FIXED_NEWSTYLE | NO_ZEROES
        assertBytes(GreetingEncoder.BLOCK_LENGTH, "4e42444d41474943 49484156454f5054 0003");
    }

    @Test
    void clientFlags() {
        UnsafeBuffer wire = bytes("80000003");
        assertThat(new ClientFlagsDecoder().wrap(wire, 0, 4, 0).flags()).isEqualTo(0x80000003L);
        assertThat(ClientFlagsDecoder.BLOCK_LENGTH).isEqualTo(4);
    }

    @Test
    void optionRequest() {
        UnsafeBuffer wire = bytes("49484156454f5054 00000007 fffffffe");
        OptionRequestDecoder option = new OptionRequestDecoder().wrap(wire, 0, 16, 0);
        assertThat(option.magic()).isEqualTo(0x49484156454F5054L);
        assertThat(option.option()).isEqualTo(7);
        assertThat(option.length()).isEqualTo(0xfffffffeL);
        assertThat(OptionRequestDecoder.BLOCK_LENGTH).isEqualTo(16);
    }

    @Test
    void optionReply() {
        new OptionReplyEncoder()
                .wrap(buffer, 0)
                .magic(0x3e889045565a9L)
                .option(7)
                .replyType(0x80000006L)
                .length(12);
        assertBytes(OptionReplyEncoder.BLOCK_LENGTH, "0003e889045565a9 00000007 80000006 0000000c");
    }

    @Test
    void infoExport() {
        new InfoExportEncoder()
                .wrap(buffer, 0)
                .infoType(0)
                .sizeBytes(0x0102030405060708L)
                .transmissionFlags(0x016d);
        assertBytes(12, "0000 0102030405060708 016d");
        assertThat(InfoExportEncoder.BLOCK_LENGTH).isEqualTo(12);
    }

    @Test
    void infoBlockSize() {
        new InfoBlockSizeEncoder()
                .wrap(buffer, 0)
                .infoType(3)
                .minimum(1)
                .preferred(4096)
                .maximum(1 << 25);
        assertBytes(14, "0003 00000001 00001000 02000000");
        assertThat(InfoBlockSizeEncoder.BLOCK_LENGTH).isEqualTo(14);
    }

    @Test
    void exportNameReply() {
        new ExportNameReplyEncoder().wrap(buffer, 0).sizeBytes(1L << 30).transmissionFlags(0x016d);
        assertBytes(ExportNameReplyEncoder.BLOCK_LENGTH, "0000000040000000 016d");
    }

    @Test
    void request() {
        UnsafeBuffer wire = bytes("25609513 0001 0006 1122334455667788 8000000000001000 fffff000");
        RequestDecoder request = new RequestDecoder().wrap(wire, 0, 28, 0);
        assertThat(request.magic()).isEqualTo(0x25609513L);
        assertThat(request.commandFlags()).isEqualTo(1);
        assertThat(request.commandType()).isEqualTo(6);
        assertThat(request.cookie()).isEqualTo(0x1122334455667788L);
        assertThat(request.exportOffset()).isEqualTo(0x8000000000001000L);
        assertThat(request.length()).isEqualTo(0xfffff000L);
        assertThat(RequestDecoder.BLOCK_LENGTH).isEqualTo(28);
    }

    @Test
    void simpleReply() {
        new SimpleReplyEncoder()
                .wrap(buffer, 0)
                .magic(0x67446698L)
                .errorCode(28)
                .cookie(0x1122334455667788L);
        assertBytes(SimpleReplyEncoder.BLOCK_LENGTH, "67446698 0000001c 1122334455667788");
    }
}
