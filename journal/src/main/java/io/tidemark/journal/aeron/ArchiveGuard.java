package io.tidemark.journal.aeron;

import io.aeron.archive.codecs.ArchiveIdRequestDecoder;
import io.aeron.archive.codecs.KeepAliveRequestDecoder;
import io.aeron.archive.codecs.ListRecordingRequestDecoder;
import io.aeron.archive.codecs.RecordingPositionRequestDecoder;
import io.aeron.archive.codecs.ReplayRequestDecoder;
import io.aeron.archive.codecs.StartPositionRequestDecoder;
import io.aeron.archive.codecs.StopPositionRequestDecoder;
import io.aeron.archive.codecs.StopReplayRequestDecoder;
import io.aeron.security.Authenticator;
import io.aeron.security.AuthorisationService;
import io.aeron.security.CredentialsSupplier;
import io.aeron.security.SessionProxy;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.collections.ArrayUtil;

/**
 * What the archive asks before it does anything: this process may do all, by a password that is
 * drawn at its start and kept in memory; a peer may read recordings and change nothing; whoever
 * else got as far as the archive is rejected.
 *
 * <p>Data thread only.
 */
final class ArchiveGuard implements Authenticator, AuthorisationService, CredentialsSupplier {
    private enum Verdict {
        OWN,
        PEER,
        REJECTED
    }

    private static final byte[] OWN = {1};
    private static final byte[] PEER = {2};

    /** Sessions between their first message and the answer to it. */
    private static final int MOST_PENDING = 1_024;

    private final ArchiveAccess access;
    private final byte[] password = new byte[32];
    private final Map<Long, Verdict> pending = new LinkedHashMap<>();

    ArchiveGuard(ArchiveAccess access) {
        this.access = access;
        new SecureRandom().nextBytes(password);
    }

    // ---- this process

    @Override
    public byte[] encodedCredentials() {
        return password;
    }

    @Override
    public byte[] onChallenge(byte[] encodedChallenge) {
        return ArrayUtil.EMPTY_BYTE_ARRAY;
    }

    // ---- who it is

    @Override
    public void onConnectRequest(long sessionId, byte[] encodedCredentials, long nowMs) {
        Verdict verdict =
                MessageDigest.isEqual(password, encodedCredentials)
                        ? Verdict.OWN
                        : access.admitted(encodedCredentials) ? Verdict.PEER : Verdict.REJECTED;
        pending.put(sessionId, verdict);
        if (pending.size() > MOST_PENDING) {
            pending.remove(pending.keySet().iterator().next());
        }
    }

    @Override
    public void onConnectedSession(SessionProxy session, long nowMs) {
        boolean answered =
                switch (pending.getOrDefault(session.sessionId(), Verdict.REJECTED)) {
                    case OWN -> session.authenticate(OWN);
                    case PEER -> session.authenticate(PEER);
                    case REJECTED -> {
                        session.reject();
                        yield true;
                    }
                };
        if (answered) {
            pending.remove(session.sessionId());
        }
    }

    @Override
    public void onChallengeResponse(long sessionId, byte[] encodedCredentials, long nowMs) {
        // Nobody is challenged.
    }

    @Override
    public void onChallengedSession(SessionProxy session, long nowMs) {
        session.reject();
    }

    // ---- what it may do

    @Override
    public boolean isAuthorised(
            int protocolId, int actionId, Object type, byte[] encodedPrincipal) {
        if (Arrays.equals(OWN, encodedPrincipal)) {
            return true;
        }
        return Arrays.equals(PEER, encodedPrincipal)
                && switch (actionId) {
                    case ArchiveIdRequestDecoder.TEMPLATE_ID,
                            KeepAliveRequestDecoder.TEMPLATE_ID,
                            ListRecordingRequestDecoder.TEMPLATE_ID,
                            RecordingPositionRequestDecoder.TEMPLATE_ID,
                            StartPositionRequestDecoder.TEMPLATE_ID,
                            StopPositionRequestDecoder.TEMPLATE_ID,
                            ReplayRequestDecoder.TEMPLATE_ID,
                            StopReplayRequestDecoder.TEMPLATE_ID ->
                            true;
                    default -> false;
                };
    }
}
