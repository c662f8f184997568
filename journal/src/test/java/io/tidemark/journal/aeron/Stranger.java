package io.tidemark.journal.aeron;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.client.ArchiveProxy;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.security.CredentialsSupplier;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;

/** A client of its own with a driver of its own that talks to a node's archive over UDP. */
final class Stranger implements AutoCloseable {
    private final MediaDriver driver;
    private final Aeron aeron;
    private final AeronSettings target;
    private final AgentInvoker invoker;

    /**
     * @param pump drives the node that is talked to
     */
    Stranger(Path directory, AeronSettings target, Runnable pump) {
        this.target = target;
        driver =
                MediaDriver.launch(
                        new MediaDriver.Context()
                                .aeronDirectoryName(directory.toString())
                                .threadingMode(ThreadingMode.INVOKER)
                                .dirDeleteOnStart(true)
                                .dirDeleteOnShutdown(true)
                                .publicationTermBufferLength(64 * 1024));
        aeron =
                Aeron.connect(
                        new Aeron.Context()
                                .aeronDirectoryName(directory.toString())
                                .useConductorAgentInvoker(true)
                                .driverAgentInvoker(driver.sharedAgentInvoker()));
        invoker =
                new AgentInvoker(
                        Throwable::printStackTrace,
                        null,
                        new Agent() {
                            @Override
                            public int doWork() {
                                pump.run();
                                return driver.sharedAgentInvoker().invoke()
                                        + aeron.conductorAgentInvoker().invoke();
                            }

                            @Override
                            public String roleName() {
                                return "stranger";
                            }
                        });
        invoker.start();
    }

    /**
     * Asks for a session.
     *
     * @throws io.aeron.exceptions.TimeoutException if nobody answers
     */
    AeronArchive connect(byte[] credentials) {
        return AeronArchive.connect(
                new AeronArchive.Context()
                        .aeron(aeron)
                        .ownsAeronClient(false)
                        .agentInvoker(invoker)
                        .controlRequestChannel(target.archiveControlChannel())
                        .controlRequestStreamId(AeronSettings.ARCHIVE_CONTROL_STREAM_ID)
                        .controlResponseChannel("aeron:udp?endpoint=127.0.0.1:0|term-length=64k")
                        .messageTimeoutNs(TimeUnit.SECONDS.toNanos(1))
                        .credentialsSupplier(
                                new CredentialsSupplier() {
                                    @Override
                                    public byte[] encodedCredentials() {
                                        return credentials;
                                    }

                                    @Override
                                    public byte[] onChallenge(byte[] challenge) {
                                        return credentials;
                                    }
                                }));
    }

    /** Asks to stop a recording in the name of somebody else's session. */
    void stopInTheNameOf(long controlSessionId, long recordingId) {
        try (ExclusivePublication publication =
                aeron.addExclusivePublication(
                        target.archiveControlChannel(), AeronSettings.ARCHIVE_CONTROL_STREAM_ID)) {
            while (!publication.isConnected()) {
                invoker.invoke();
            }
            if (!new ArchiveProxy(publication)
                    .stopRecordingByIdentity(recordingId, 1, controlSessionId)) {
                throw new AssertionError("the request was not sent");
            }
            for (int i = 0; i < 2_000; i++) {
                invoker.invoke();
            }
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(aeron, driver);
    }
}
