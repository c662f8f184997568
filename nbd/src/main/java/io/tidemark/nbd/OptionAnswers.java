package io.tidemark.nbd;

import io.tidemark.codec.nbd.ExportNameReplyEncoder;
import io.tidemark.codec.nbd.GreetingEncoder;
import io.tidemark.codec.nbd.InfoBlockSizeEncoder;
import io.tidemark.codec.nbd.InfoExportEncoder;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answers to options; {@link Negotiation} keeps the order of the dialogue. Data thread
 * only.
 */
final class OptionAnswers {
    private final Exports exports;
    private final int maxRequestBytes;
    private final NegotiationReplies replies;
    private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer(64);

    OptionAnswers(Exports exports, int maxRequestBytes, NegotiationReplies replies) {
        this.exports = exports;
        this.maxRequestBytes = maxRequestBytes;
        this.replies = replies;
    }

    void greeting() {
        new GreetingEncoder()
                .wrap(scratch, 0)
                .magic(NbdProtocol.NBDMAGIC)
                .optionMagic(NbdProtocol.IHAVEOPT)
                .handshakeFlags(NbdProtocol.FLAG_FIXED_NEWSTYLE | NbdProtocol.FLAG_NO_ZEROES);
        replies.add(scratch, GreetingEncoder.BLOCK_LENGTH);
    }

    /** Answers EXPORT_NAME; null if the session has to end, as this option has no error reply. */
    @Nullable Export exportName(@Nullable String name, boolean noZeroes) {
        Export export = name == null ? null : exports.find(name);
        if (export == null || export.refusal() != null) {
            return null;
        }
        new ExportNameReplyEncoder()
                .wrap(scratch, 0)
                .sizeBytes(export.device().sizeBytes())
                .transmissionFlags(transmissionFlags(export));
        replies.add(scratch, ExportNameReplyEncoder.BLOCK_LENGTH);
        if (!noZeroes) {
            replies.addZeroes(NbdProtocol.EXPORT_NAME_PADDING);
        }
        return export;
    }

    /** Answers INFO and GO alike; null if the answer is an error. */
    @Nullable Export information(long option, @Nullable ExportQuery query) {
        if (query == null) {
            replies.error(option, NbdProtocol.REP_ERR_INVALID, "name or lengths are not valid");
            return null;
        }
        Export export = exports.find(query.name());
        if (export == null) {
            replies.error(
                    option, NbdProtocol.REP_ERR_UNKNOWN, "no export '" + query.name() + "' here");
            return null;
        }
        String refusal = export.refusal();
        if (refusal != null) {
            replies.error(option, NbdProtocol.REP_ERR_POLICY, refusal);
            return null;
        }
        infoExport(option, export);
        if (query.asks(NbdProtocol.INFO_BLOCK_SIZE)) {
            infoBlockSize(option);
        }
        if (query.asks(NbdProtocol.INFO_NAME)) {
            infoText(option, NbdProtocol.INFO_NAME, export.name());
        }
        if (query.asks(NbdProtocol.INFO_DESCRIPTION) && !export.description().isEmpty()) {
            infoText(option, NbdProtocol.INFO_DESCRIPTION, export.description());
        }
        replies.reply(option, NbdProtocol.REP_ACK);
        return export;
    }

    /** Answers an option whose data, if it had any, was not kept. */
    void withoutData(long option, long length) {
        switch ((int) option) {
            case NbdProtocol.OPT_ABORT -> replies.reply(option, NbdProtocol.REP_ACK);
            case NbdProtocol.OPT_LIST -> {
                if (length == 0) {
                    list(option);
                } else {
                    replies.error(option, NbdProtocol.REP_ERR_INVALID, "LIST takes no data");
                }
            }
            case NbdProtocol.OPT_INFO, NbdProtocol.OPT_GO ->
                    replies.error(option, NbdProtocol.REP_ERR_TOO_BIG, "too much option data");
            default ->
                    replies.error(
                            option,
                            NbdProtocol.REP_ERR_UNSUP,
                            "option " + option + " is not supported");
        }
    }

    private void list(long option) {
        for (Export export : exports.all()) {
            byte[] name = string(export.name());
            byte[] description = string(export.description());
            replies.reply(option, NbdProtocol.REP_SERVER, 4 + name.length + description.length);
            scratch.putInt(0, name.length, ByteOrder.BIG_ENDIAN);
            scratch.putBytes(4, name);
            scratch.putBytes(4 + name.length, description);
            replies.add(scratch, 4 + name.length + description.length);
        }
        replies.reply(option, NbdProtocol.REP_ACK);
    }

    private void infoExport(long option, Export export) {
        new InfoExportEncoder()
                .wrap(scratch, 0)
                .infoType(NbdProtocol.INFO_EXPORT)
                .sizeBytes(export.device().sizeBytes())
                .transmissionFlags(transmissionFlags(export));
        info(option, InfoExportEncoder.BLOCK_LENGTH);
    }

    private void infoBlockSize(long option) {
        new InfoBlockSizeEncoder()
                .wrap(scratch, 0)
                .infoType(NbdProtocol.INFO_BLOCK_SIZE)
                .minimum(NbdProtocol.MIN_BLOCK)
                .preferred(NbdProtocol.PREFERRED_BLOCK)
                .maximum(maxRequestBytes);
        info(option, InfoBlockSizeEncoder.BLOCK_LENGTH);
    }

    private void infoText(long option, int type, String text) {
        byte[] bytes = string(text);
        scratch.putShort(0, (short) type, ByteOrder.BIG_ENDIAN);
        scratch.putBytes(2, bytes);
        info(option, 2 + bytes.length);
    }

    private void info(long option, int length) {
        replies.reply(option, NbdProtocol.REP_INFO, length);
        replies.add(scratch, length);
    }

    private static int transmissionFlags(Export export) {
        return NbdProtocol.transmissionFlags(export.device().readOnly());
    }

    private static byte[] string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= NbdProtocol.MAX_STRING
                ? bytes
                : Arrays.copyOf(bytes, NbdProtocol.MAX_STRING);
    }
}
