package io.tidemark.tools.disk;

import io.tidemark.tools.disk.DiskNode.File;
import io.tidemark.tools.disk.DiskNode.Folder;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What each request of the FUSE protocol does to a disk: its faults are asked first, then names and
 * contents change. Called by all threads of the mount.
 */
final class FuseCalls implements FuseHandler {
    /** 7.31, the oldest version that has all that is used here. */
    private static final int MAJOR = 7;

    private static final int MINOR = 31;

    private static final int ASYNC_READ = 1;
    private static final int BIG_WRITES = 1 << 5;
    private static final int PARALLEL_DIROPS = 1 << 18;
    private static final int MAX_PAGES = 1 << 22;
    private static final int KEEP_CACHE = 1 << 1;

    private static final int FATTR_MODE = 1;
    private static final int FATTR_UID = 1 << 1;
    private static final int FATTR_GID = 1 << 2;
    private static final int FATTR_SIZE = 1 << 3;
    private static final int FATTR_MTIME = 1 << 5;

    private final DiskTree tree;
    private final DiskSpace space;
    private final DiskFaults faults;
    private final DiskLog log;
    private final Map<Long, List<DiskNode>> listings = new ConcurrentHashMap<>();
    private final AtomicLong lastListing = new AtomicLong();

    FuseCalls(DiskTree tree, DiskSpace space, DiskFaults faults, DiskLog log) {
        this.tree = tree;
        this.space = space;
        this.faults = faults;
        this.log = log;
    }

    @Override
    public boolean handle(FuseRequest in, FuseReply out) {
        switch (in.opcode()) {
            case 1 -> out.entry(tree.lookup(in.node(), in.text(0)));
            case 2 -> tree.forget(in.node(), in.u64(0));
            case 3 -> out.attributes(tree.node(in.node()));
            case 4 -> setAttributes(in, out);
            case 8 -> out.entry(create(in, in.u32(0) & ~in.u32(8), in.text(16)));
            case 9 -> out.entry(makeFolder(in));
            case 10 -> remove(in, false);
            case 11 -> remove(in, true);
            case 12 -> rename(in, 0, in.text(8), 8);
            case 14 -> open(in, out);
            case 15 -> read(in, out);
            case 16 -> write(in, out);
            case 17 -> statistics(out);
            case 18 -> tree.released(tree.file(in.node()));
            case 20 -> sync(in);
            case 25 -> {} // FLUSH: there is nothing that waits for a close
            case 26 -> initialise(in, out);
            case 27 -> openFolder(in, out);
            case 28 -> list(in, out);
            case 29 -> listings.remove(in.u64(0));
            case 30 -> syncFolder(in);
            case 35 -> {
                DiskNode file =
                        create(in, DiskNode.S_IFREG | (in.u32(4) & ~in.u32(8)), in.text(16));
                opened((File) file, out.entry(file));
            }
            case 36 -> {} // INTERRUPT
            case 42 -> forgetAll(in);
            case 43 -> allocate(in);
            case 45 -> rename(in, in.u32(8), in.text(16), 16);
            case 46 -> out.u64(tree.file(in.node()).content.seek(in.u64(8), in.u32(16)));
            default -> throw new DiskException(Errno.ENOSYS);
        }
        // FORGET, INTERRUPT and BATCH_FORGET have no reply.
        return in.opcode() != 2 && in.opcode() != 36 && in.opcode() != 42;
    }

    private static void initialise(FuseRequest in, FuseReply out) {
        int wanted = ASYNC_READ | BIG_WRITES | PARALLEL_DIROPS | MAX_PAGES;
        out.u32(MAJOR).u32(MINOR).u32(in.u32(8)).u32(in.u32(12) & wanted);
        out.u16(64).u16(48).u32(FuseMount.MAX_WRITE).u32(1);
        out.u16(FuseMount.MAX_WRITE / DiskSpace.PAGE).u16(0);
        for (int i = 0; i < 8; i++) {
            out.u32(0);
        }
    }

    private void setAttributes(FuseRequest in, FuseReply out) {
        DiskNode node = tree.node(in.node());
        int valid = in.u32(0);
        if ((valid & FATTR_SIZE) != 0) {
            long size = in.u64(16);
            faults.judge(DiskCall.Kind.RESIZE, tree.path(node), 0, size);
            tree.file(in.node()).content.resize(size);
            node.touch();
        }
        if ((valid & FATTR_MODE) != 0) {
            node.mode = (node.mode & DiskNode.S_IFMT) | (in.u32(68) & ~DiskNode.S_IFMT);
        }
        if ((valid & FATTR_UID) != 0) {
            node.uid = in.u32(76);
        }
        if ((valid & FATTR_GID) != 0) {
            node.gid = in.u32(80);
        }
        if ((valid & FATTR_MTIME) != 0) {
            node.modifiedMs = in.u64(40) * 1000 + in.u32(60) / 1_000_000;
        }
        out.attributes(node);
    }

    private DiskNode create(FuseRequest in, int mode, String name) {
        faults.judge(DiskCall.Kind.CREATE, tree.path(in.node(), name), 0, 0);
        return owned(tree.create(in.node(), name, mode), in);
    }

    private DiskNode makeFolder(FuseRequest in) {
        String name = in.text(8);
        faults.judge(DiskCall.Kind.MAKE_FOLDER, tree.path(in.node(), name), 0, 0);
        int permissions = in.u32(0) & ~in.u32(4) & ~DiskNode.S_IFMT;
        return owned(tree.create(in.node(), name, DiskNode.S_IFDIR | permissions), in);
    }

    private static DiskNode owned(DiskNode node, FuseRequest by) {
        node.uid = by.uid();
        node.gid = by.gid();
        return node;
    }

    private void remove(FuseRequest in, boolean folder) {
        String name = in.text(0);
        faults.judge(DiskCall.Kind.REMOVE, tree.path(in.node(), name), 0, 0);
        tree.remove(in.node(), name, folder);
    }

    private void rename(FuseRequest in, int flags, String name, int nameOffset) {
        String newName = in.text(nameOffset + name.getBytes(StandardCharsets.UTF_8).length + 1);
        faults.judge(DiskCall.Kind.RENAME, tree.path(in.node(), name), 0, 0);
        tree.rename(in.node(), name, in.u64(0), newName, flags);
    }

    private void open(FuseRequest in, FuseReply out) {
        File file = tree.file(in.node());
        faults.judge(DiskCall.Kind.OPEN, tree.path(file), 0, 0);
        opened(file, out);
    }

    private void opened(File file, FuseReply out) {
        tree.opened(file);
        // Nobody but the kernel changes files here, so what it has cached stays right.
        out.u64(0).u32(KEEP_CACHE).u32(0);
    }

    private void read(FuseRequest in, FuseReply out) {
        File file = tree.file(in.node());
        long offset = in.u64(8);
        int length = in.u32(16);
        faults.judge(DiskCall.Kind.READ, tree.path(file), offset, length);
        out.filled(file.content.read(out.room(length), offset));
    }

    private void write(FuseRequest in, FuseReply out) {
        File file = tree.file(in.node());
        long offset = in.u64(8);
        MemorySegment data = in.data(40, in.u32(16));
        long accepted = faults.judge(DiskCall.Kind.WRITE, tree.path(file), offset, data.byteSize());
        long written = file.content.write(data.asSlice(0, accepted), offset);
        file.touch();
        out.u32((int) written).u32(0);
    }

    private void sync(FuseRequest in) {
        long begin = log.arrival();
        File file = tree.file(in.node());
        faults.judge(DiskCall.Kind.SYNC, tree.path(file), 0, 0);
        file.content.sync(begin);
    }

    private void syncFolder(FuseRequest in) {
        long begin = log.arrival();
        Folder folder = tree.folder(in.node());
        faults.judge(DiskCall.Kind.SYNC_FOLDER, tree.path(folder), 0, 0);
        tree.syncFolder(folder, begin);
    }

    private void allocate(FuseRequest in) {
        File file = tree.file(in.node());
        long offset = in.u64(8);
        long length = in.u64(16);
        int mode = in.u32(24);
        boolean keepSize = (mode & Sys.FALLOC_KEEP_SIZE) != 0;
        boolean punch = (mode & Sys.FALLOC_PUNCH_HOLE) != 0;
        boolean zero = (mode & Sys.FALLOC_ZERO_RANGE) != 0;
        if ((mode & ~(Sys.FALLOC_KEEP_SIZE | Sys.FALLOC_PUNCH_HOLE | Sys.FALLOC_ZERO_RANGE)) != 0) {
            throw new DiskException(Errno.EOPNOTSUPP);
        }
        DiskCall.Kind kind = punch || zero ? DiskCall.Kind.ZERO : DiskCall.Kind.ALLOCATE;
        faults.judge(kind, tree.path(file), offset, length);
        if (punch || zero) {
            file.content.zero(offset, length, punch, keepSize);
        } else {
            file.content.allocate(offset, length, keepSize);
        }
        file.touch();
    }

    private void openFolder(FuseRequest in, FuseReply out) {
        long handle = lastListing.incrementAndGet();
        listings.put(handle, tree.list(tree.folder(in.node())));
        out.u64(handle).u32(0).u32(0);
    }

    /** A folder as it was when it was opened: . and .. are asked for by nobody here. */
    private void list(FuseRequest in, FuseReply out) {
        List<DiskNode> listing = listings.getOrDefault(in.u64(0), List.of());
        int limit = in.u32(16);
        for (int i = (int) in.u64(8); i < listing.size(); i++) {
            DiskNode node = listing.get(i);
            if (!out.folderEntry(node.name, node, i + 1L, limit)) {
                return;
            }
        }
    }

    private void statistics(FuseReply out) {
        out.u64(space.totalPages()).u64(space.freePages()).u64(space.freePages());
        out.u64(1 << 20).u64(1 << 20).u32(DiskSpace.PAGE).u32(255).u32(DiskSpace.PAGE).u32(0);
        for (int i = 0; i < 6; i++) {
            out.u32(0);
        }
    }

    private void forgetAll(FuseRequest in) {
        int count = in.u32(0);
        for (int i = 0; i < count; i++) {
            tree.forget(in.u64(8 + i * 16), in.u64(16 + i * 16));
        }
    }
}
