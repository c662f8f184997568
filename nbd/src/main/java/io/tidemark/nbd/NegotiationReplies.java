package io.tidemark.nbd;

import io.tidemark.codec.nbd.OptionReplyEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * What the server has to say during negotiation, until the socket has taken it. Bounded because the
 * next option is looked at only when this is empty. Data thread only.
 */
final class NegotiationReplies {
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(512);
    private final OptionReplyEncoder header = new OptionReplyEncoder();
    private int sent;
    private int end;

    boolean isEmpty() {
        return sent == end;
    }

    /** Appends raw bytes. */
    void add(DirectBuffer bytes, int length) {
        buffer.putBytes(end, bytes, 0, length);
        end += length;
    }

    void addZeroes(int count) {
        buffer.setMemory(end, count, (byte) 0);
        end += count;
    }

    /** Appends a reply without data. */
    void reply(long option, int type) {
        reply(option, type, 0);
    }

    /** Appends an error with its text. */
    void error(long option, int type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, NbdProtocol.MAX_STRING);
        reply(option, type, length);
        buffer.putBytes(end, bytes, 0, length);
        end += length;
    }

    /** Appends a reply's header; the caller appends the data. */
    void reply(long option, int type, int length) {
        header.wrap(buffer, end)
                .magic(NbdProtocol.OPTION_REPLY_MAGIC)
                .option(option)
                .replyType(Integer.toUnsignedLong(type))
                .length(length);
        end += OptionReplyEncoder.BLOCK_LENGTH;
    }

    int send(SocketChannel channel) throws IOException {
        int written = channel.write(ByteBuffer.wrap(buffer.byteArray(), sent, end - sent));
        sent += written;
        if (sent == end) {
            sent = 0;
            end = 0;
        }
        return written;
    }
}
