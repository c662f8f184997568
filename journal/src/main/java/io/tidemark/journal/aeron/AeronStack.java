package io.tidemark.journal.aeron;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.aeron.Aeron;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.checksum.Checksums;
import io.aeron.archive.client.AeronArchive;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.tidemark.journal.DurableFolders;
import io.tidemark.journal.JournalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.IoUtil;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;

/**
 * Media driver, archive, client and archive client of one node, invoked by the data thread and by
 * nothing else.
 *
 * <p>The caller holds the node directory's lock for as long as the stack lives; that is the proof
 * that mark files and mapped buffers found in place belong to a dead process and may go (Aeron
 * itself would wait ten seconds after a SIGKILL).
 */
public final class AeronStack implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AeronStack.class.getName());

    private static final long MEGABYTE = 1 << 20;

    /**
     * Log buffers are mapped sparse: a file system that fills up later ends the process by SIGBUS.
     */
    private static final long MIN_DRIVER_SPACE = 128 * MEGABYTE;

    private final AeronSettings settings;
    private final ArchiveAccess access;
    private final int windowBytes;
    private final MediaDriver driver;
    private final Archive archive;
    private final Aeron aeron;
    private final AeronArchive archiveClient;
    private final WriteFailures writeFailures;
    private final Map<Integer, String> unusable;
    private final AgentInvoker driverInvoker;
    private final AgentInvoker archiveInvoker;
    private final AgentInvoker clientInvoker;

    /**
     * The archive invokes the driver this often per cycle of its own although the duty cycle does
     * so anyway.
     */
    private static final int IDLE_GATE_CALLS = 3;

    /** Open while this class makes blocking calls: then the archive has to drive the driver. */
    private boolean gateOpen = true;

    /**
     * Calls through the gate in this cycle. More than usual: the archive waits for the driver
     * inside its cycle.
     */
    private int gateCalls;

    /** Asked before each cycle of the archive; one that says no holds it back. */
    private final List<BooleanSupplier> recordingGates = new ArrayList<>();

    private AeronStack(
            AeronSettings settings,
            ArchiveAccess access,
            KnownDurable known,
            UdpChannelListener listener) {
        this.settings = settings;
        this.access = access;
        int granted = settings.grantedSocketBuffer();
        this.windowBytes = AeronSettings.window(granted);
        if (granted < settings.socketBufferBytes()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "UDP socket buffers are {0} bytes, replication is slower than it could be: "
                            + "sysctl -w net.core.rmem_max={1} net.core.wmem_max={1}",
                    Integer.toString(granted),
                    Integer.toString(settings.socketBufferBytes()));
        }
        unusable = removeLeftovers(settings, known);
        ErrorHandler errors = new LoggedErrors(settings.node());
        writeFailures = new WriteFailures(errors);
        ArchiveGuard guard = new ArchiveGuard(access);
        MediaDriver newDriver = null;
        Archive newArchive = null;
        Aeron newAeron = null;
        try {
            MediaDriver.Context driverContext =
                    driverContext(settings, granted, windowBytes, errors);
            ArchiveGate gate = new ArchiveGate(settings.node(), access);
            WakingChannels.install(driverContext, listener, gate, settings.archivePort());
            newDriver = MediaDriver.launch(driverContext);
            driverInvoker = newDriver.sharedAgentInvoker();
            newArchive =
                    Archive.launch(
                            archiveContext(settings, writeFailures)
                                    .authenticatorSupplier(() -> guard)
                                    .authorisationServiceSupplier(() -> guard)
                                    .mediaDriverAgentInvoker(gate(driverInvoker, errors)));
            new ArchiveFiles(settings.archiveDirectory()).allocate();
            archiveInvoker = asked(newArchive.invoker(), errors);
            newAeron =
                    Aeron.connect(
                            new Aeron.Context()
                                    .aeronDirectoryName(settings.driverDirectory().toString())
                                    .useConductorAgentInvoker(true)
                                    .driverAgentInvoker(driverInvoker)
                                    .driverTimeoutMs(SECONDS.toMillis(30))
                                    .errorHandler(errors));
            clientInvoker = newAeron.conductorAgentInvoker();
            archiveClient =
                    AeronArchive.connect(
                            new AeronArchive.Context()
                                    .aeron(newAeron)
                                    .agentInvoker(archiveInvoker)
                                    .controlRequestChannel("aeron:ipc?term-length=64k")
                                    .controlRequestStreamId(
                                            AeronArchive.Configuration.localControlStreamId())
                                    .controlResponseChannel("aeron:ipc?term-length=64k")
                                    .credentialsSupplier(guard)
                                    .messageTimeoutNs(SECONDS.toNanos(20)));
            gateOpen = false;
        } catch (IOException e) {
            CloseHelper.quietCloseAll(newAeron, newArchive, newDriver);
            throw explained(settings, new UncheckedIOException(e));
        } catch (RuntimeException e) {
            CloseHelper.quietCloseAll(newAeron, newArchive, newDriver);
            throw explained(settings, e);
        }
        driver = newDriver;
        archive = newArchive;
        aeron = newAeron;
    }

    /**
     * Starts the stack; blocks for some 100 ms.
     *
     * @param access who may talk to the archive over the network
     * @param known what is remembered of the logs in the archive
     */
    public static AeronStack launch(
            AeronSettings settings,
            ArchiveAccess access,
            KnownDurable known,
            UdpChannelListener listener) {
        return new AeronStack(settings, access, known, listener);
    }

    /** One duty cycle of driver, archive and client; returns the amount of work done. */
    public int doWork() {
        gateCalls = 0;
        int work = driverInvoker.invoke() + archiveInvoker.invoke() + clientInvoker.invoke();
        if (driverInvoker.isClosed() || archive.invoker().isClosed() || aeron.isClosed()) {
            throw new JournalException(
                    JournalException.Code.AERON,
                    "the embedded Aeron of node "
                            + settings.node()
                            + " has stopped: restart the node");
        }
        return work;
    }

    /** Runs a blocking archive call with the driver being driven from within it. */
    public <T> T blocking(java.util.function.Function<AeronArchive, T> call) {
        gateOpen = true;
        try {
            return call.apply(archiveClient);
        } finally {
            gateOpen = false;
        }
    }

    /**
     * Has somebody asked before each cycle of the archive. It records at most {@link
     * AeronSettings#MOST_RECORDED} bytes and some padding of each log in one.
     *
     * @param gate false to hold the archive back, for less than a second
     */
    public void askBeforeRecording(BooleanSupplier gate) {
        recordingGates.add(gate);
    }

    /**
     * The catalog describes a recording that it did not know before, or describes one anew. Blocks
     * for a sync; rare.
     */
    void recordingDescribed() {
        try {
            new CatalogCopy(settings.archiveDirectory()).renew();
        } catch (IOException e) {
            throw copyFailed(e);
        }
    }

    /**
     * The catalog is about to describe a recording anew, which is empty: until {@link
     * #recordingDescribed} its copy would be wrong.
     */
    void recordingChanges() {
        try {
            new CatalogCopy(settings.archiveDirectory()).drop();
        } catch (IOException e) {
            throw copyFailed(e);
        }
    }

    private JournalException copyFailed(IOException e) {
        return new JournalException(
                JournalException.Code.FAILED,
                "the catalog of " + settings.archiveDirectory() + " cannot be copied: " + e,
                e);
    }

    public Aeron aeron() {
        return aeron;
    }

    /**
     * Refuses a log whose files were found not to be usable before the archive was started. Other
     * logs are none the worse for it.
     *
     * @throws JournalException with the cause
     */
    public void checkUsable(int streamId) {
        String problem = unusable.get(streamId);
        if (problem != null) {
            throw new JournalException(JournalException.Code.DAMAGED, problem);
        }
    }

    WriteFailures writeFailures() {
        return writeFailures;
    }

    /** Identity of the embedded archive, by which its counters are found. */
    public long archiveId() {
        return archiveClient.archiveId();
    }

    public AeronSettings settings() {
        return settings;
    }

    /** Who may talk to this node's archive, and what other archives are shown. */
    public ArchiveAccess access() {
        return access;
    }

    /** Bytes in flight that a replication stream may have, from what the kernel granted. */
    public int windowBytes() {
        return windowBytes;
    }

    @Override
    public void close() {
        gateOpen = true;
        CloseHelper.closeAll(archiveClient, aeron, archive, driver);
    }

    private AgentInvoker gate(AgentInvoker target, ErrorHandler errors) {
        return when(target, errors, () -> gateOpen || ++gateCalls > IDLE_GATE_CALLS);
    }

    private AgentInvoker asked(AgentInvoker target, ErrorHandler errors) {
        return when(target, errors, this::mayRecord);
    }

    private boolean mayRecord() {
        boolean may = true;
        for (int i = 0; i < recordingGates.size(); i++) {
            may &= recordingGates.get(i).getAsBoolean();
        }
        return may;
    }

    private static AgentInvoker when(
            AgentInvoker target, ErrorHandler errors, BooleanSupplier condition) {
        AgentInvoker invoker =
                new AgentInvoker(
                        errors,
                        null,
                        new Agent() {
                            @Override
                            public int doWork() {
                                return condition.getAsBoolean() ? target.invoke() : 0;
                            }

                            @Override
                            public String roleName() {
                                return "gate";
                            }
                        });
        invoker.start();
        return invoker;
    }

    private static MediaDriver.Context driverContext(
            AeronSettings settings, int granted, int window, ErrorHandler errors) {
        return new MediaDriver.Context()
                .aeronDirectoryName(settings.driverDirectory().toString())
                .threadingMode(ThreadingMode.INVOKER)
                .dirDeleteOnShutdown(true)
                .asyncExecutorEnabled(false)
                .socketRcvbufLength(granted)
                .socketSndbufLength(Math.min(granted, 2 * 1024 * 1024))
                .initialWindowLength(window)
                .publicationTermBufferLength(1024 * 1024)
                .ipcTermBufferLength(1024 * 1024)
                .timerIntervalNs(MILLISECONDS.toNanos(100))
                .clientLivenessTimeoutNs(SECONDS.toNanos(30))
                .publicationUnblockTimeoutNs(SECONDS.toNanos(60))
                .driverTimeoutMs(SECONDS.toMillis(30))
                .counterValuesBufferLength(1024 * 1024)
                .spiesSimulateConnection(false)
                // On a disk that may fill up: never a mapped page without a block.
                .termBufferSparseFile(settings.driverDirectory().startsWith("/dev/shm"))
                .errorHandler(errors);
    }

    private static Archive.Context archiveContext(AeronSettings settings, ErrorHandler errors) {
        return new Archive.Context()
                .aeronDirectoryName(settings.driverDirectory().toString())
                .archiveDir(settings.archiveDirectory().toFile())
                .threadingMode(ArchiveThreadingMode.INVOKER)
                .controlChannel(settings.archiveControlChannel())
                .controlStreamId(AeronSettings.ARCHIVE_CONTROL_STREAM_ID)
                .localControlChannel("aeron:ipc?term-length=64k")
                .replicationChannel(settings.replicationChannel())
                .archiveClientContext(
                        new AeronArchive.Context()
                                .controlResponseChannel(settings.archiveResponseChannel()))
                .recordingEventsEnabled(false)
                .segmentFileLength(settings.segmentLength())
                .fileIoMaxLength(AeronSettings.MOST_RECORDED)
                .fileSyncLevel(0)
                .catalogFileSyncLevel(1)
                .recordChecksum(Checksums.crc32c())
                .replayChecksum(Checksums.crc32c())
                .maxConcurrentRecordings(64)
                .maxConcurrentReplays(256)
                // Space is looked after before anything is appended; a full disk that has enough
                // reserved must not keep a node from opening its log.
                .lowStorageSpaceThreshold(-1)
                .deleteArchiveOnStart(false)
                .errorHandler(errors);
    }

    private static Map<Integer, String> removeLeftovers(
            AeronSettings settings, KnownDurable known) {
        try {
            DurableFolders.create(settings.archiveDirectory());
            new ArchiveFiles(settings.archiveDirectory()).prepare();
            Path driverDirectory = settings.driverDirectory();
            if (Files.exists(driverDirectory)) {
                IoUtil.delete(driverDirectory.toFile(), false);
            }
            Map<Integer, String> unusable =
                    new OpenRecordings(settings.archiveDirectory(), known).close();
            new ArchiveFiles(settings.archiveDirectory()).allocate();
            long usable =
                    Files.getFileStore(driverDirectory.toAbsolutePath().getParent())
                            .getUsableSpace();
            if (usable < MIN_DRIVER_SPACE) {
                throw new JournalException(
                        JournalException.Code.HOST,
                        driverDirectory.getParent()
                                + " has "
                                + usable / MEGABYTE
                                + " MiB left, the log buffers of node "
                                + settings.node()
                                + " need "
                                + MIN_DRIVER_SPACE / MEGABYTE
                                + ": mount -o remount,size=1G "
                                + driverDirectory.getParent());
            }
            return unusable;
        } catch (IOException e) {
            throw new JournalException(
                    JournalException.Code.HOST,
                    "cannot prepare " + settings.archiveDirectory() + ": " + e.getMessage(),
                    e);
        }
    }

    /** What to tell of a failed start; a taken port is the usual cause. */
    public static JournalException explained(AeronSettings settings, RuntimeException e) {
        if (e instanceof JournalException already) {
            return already;
        }
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof java.net.BindException
                    || String.valueOf(t.getMessage()).contains("Address already in use")) {
                return new JournalException(
                        JournalException.Code.HOST,
                        "a UDP port of "
                                + settings.address()
                                + ":"
                                + settings.port()
                                + " to "
                                + (settings.port() + 3)
                                + " is taken: stop what uses it or set another port for node "
                                + settings.node(),
                        e);
            }
        }
        return new JournalException(
                JournalException.Code.AERON,
                "the embedded Aeron of node "
                        + settings.node()
                        + " did not start: "
                        + e.getMessage(),
                e);
    }
}
