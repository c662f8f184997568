package io.tidemark.nbd;

import io.tidemark.codec.nbd.RequestDecoder;
import io.tidemark.codec.nbd.SimpleReplyEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/**
 * What all connections of a server share: limits, memory, flyweights, the cycle's time and the
 * counters. A class of its own so that connections need not know the server. Data thread only.
 */
final class ServerContext {
    final NbdServerConfig config;
    final Exports exports;
    final ArrayList<Connection> connections = new ArrayList<>();

    final BufferPool negotiationBuffers = new BufferPool(BufferBudgets.NEGOTIATION);
    final BufferPool receiveBuffers = new BufferPool(BufferBudgets.RECEIVE);
    final BufferPool replyBlocks = new BufferPool(BufferBudgets.REPLY_BLOCK);
    final PayloadBudget payloads;
    final ReadBudget reads;
    final RequestPool requestPool;
    final HangupPoll hangups;
    final EndWatch ends;

    final RequestDecoder request = new RequestDecoder();
    final SimpleReplyEncoder simpleReply = new SimpleReplyEncoder();
    final ByteBuffer[] gather = new ByteBuffer[64];

    long nowNs;
    long cycle;
    long requests;
    long bytesIn;
    long bytesOut;
    long lastRequestNs;

    ServerContext(NbdServerConfig config, Exports exports, HangupPoll hangups, long nowNs) {
        this.config = config;
        this.exports = exports;
        this.hangups = hangups;
        this.nowNs = nowNs;
        this.lastRequestNs = nowNs;
        payloads = new PayloadBudget(config.payloadBudgetBytes(), config.maxRequestBytes());
        reads = new ReadBudget(config.readBudgetBytes(), config.maxRequestBytes());
        requestPool = new RequestPool(reads);
        ends = new EndWatch(this, hangups);
    }

    /** Gives memory that nobody uses back to the system. */
    void freeIdle() {
        negotiationBuffers.freeIdle();
        receiveBuffers.freeIdle();
        replyBlocks.freeIdle();
        payloads.freeIdle();
        reads.freeIdle();
    }
}
