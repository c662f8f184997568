package io.tidemark.journal.replication;

/**
 * Where another node is reached.
 *
 * @param port first of its UDP ports
 */
public record PeerAddress(String name, String address, int port) {}
