package io.tidemark.tools.disk;

import static io.tidemark.tools.disk.DiskException.check;

import io.tidemark.tools.disk.DiskNode.File;
import io.tidemark.tools.disk.DiskNode.Folder;
import io.tidemark.tools.disk.DiskNode.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names of a disk, mirrored in a folder of the host. One lock orders all changes of names and
 * their records. Any thread.
 */
final class DiskTree {
    static final int ROOT = 1;
    private static final int RENAME_NOREPLACE = 1;

    private final Path host;
    private final DiskSpace space;
    private final DiskLog log;
    private final Map<Integer, DiskNode> nodes = new HashMap<>();
    private final Folder root = new Folder(ROOT, null, "", 0755);
    private int lastNumber;

    /**
     * @param host a folder; what it holds is on the disk
     * @param lastNumber files get numbers above it
     */
    DiskTree(Path host, DiskSpace space, DiskLog log, int lastNumber) throws IOException {
        this.lastNumber = lastNumber;
        this.host = host;
        this.space = space;
        this.log = log;
        nodes.put(ROOT, root);
        root.lookups = 1;
        load(root);
    }

    private void load(Folder folder) throws IOException {
        try (Stream<Path> names = Files.list(host.resolve(path(folder)))) {
            for (Path found : names.sorted().toList()) {
                String name = found.getFileName().toString();
                if (Files.isDirectory(found)) {
                    load(addFolder(folder, name, 0755));
                } else {
                    addFile(folder, name, 0644).content.load(Files.size(found));
                }
            }
        }
        long begin = log.arrival();
        log.add(clock -> new DiskOp.SyncFolder(clock, path(folder), begin));
    }

    synchronized DiskNode node(long number) {
        DiskNode node = nodes.get((int) number);
        if (node == null) {
            throw new DiskException(Errno.ENOENT);
        }
        return node;
    }

    synchronized File file(long number) {
        return switch (node(number)) {
            case File file -> file;
            case Folder folder -> throw new DiskException(Errno.EISDIR);
            case Socket socket -> throw new DiskException(Errno.EINVAL);
        };
    }

    synchronized Folder folder(long number) {
        if (node(number) instanceof Folder folder) {
            return folder;
        }
        throw new DiskException(Errno.ENOTDIR);
    }

    /** From the root on, without a leading /; the last one of what was removed. */
    synchronized String path(DiskNode node) {
        Folder parent = node.parent;
        return parent == null || parent == root ? node.name : path(parent) + "/" + node.name;
    }

    synchronized String path(long parent, String name) {
        String above = path(folder(parent));
        return above.isEmpty() ? name : above + "/" + name;
    }

    /** Numbers of the files with such paths. */
    synchronized List<Integer> files(Predicate<String> paths) {
        return nodes.values().stream()
                .filter(node -> node instanceof File && paths.test(path(node)))
                .map(node -> node.number)
                .toList();
    }

    /** Counts a reference of the kernel. */
    synchronized DiskNode lookup(long parent, String name) {
        return referred(child(folder(parent), name));
    }

    synchronized void forget(long number, long references) {
        DiskNode node = nodes.get((int) number);
        if (node != null) {
            node.lookups -= references;
            dropUnused(node);
        }
    }

    synchronized void opened(File file) {
        file.opens++;
    }

    synchronized void released(File file) {
        file.opens--;
        dropUnused(file);
    }

    synchronized List<DiskNode> list(Folder folder) {
        return new ArrayList<>(folder.children.values());
    }

    synchronized DiskNode create(long parent, String name, int mode) {
        Folder folder = folder(parent);
        refuseTaken(folder, name);
        int permissions = mode & ~DiskNode.S_IFMT;
        return referred(
                switch (mode & DiskNode.S_IFMT) {
                    case DiskNode.S_IFDIR -> addFolder(folder, name, permissions);
                    case DiskNode.S_IFREG -> addFile(folder, name, permissions);
                    case DiskNode.S_IFSOCK -> {
                        Socket socket = new Socket(++lastNumber, folder, name, permissions);
                        add(folder, socket);
                        yield socket;
                    }
                    default -> throw new DiskException(Errno.EPERM);
                });
    }

    synchronized void remove(long parent, String name, boolean wantsFolder) {
        DiskNode node = child(folder(parent), name);
        if (node instanceof Folder folder) {
            if (!wantsFolder) {
                throw new DiskException(Errno.EISDIR);
            }
            if (!folder.children.isEmpty()) {
                throw new DiskException(Errno.ENOTEMPTY);
            }
        } else if (wantsFolder) {
            throw new DiskException(Errno.ENOTDIR);
        }
        String path = path(node);
        if (!(node instanceof Socket)) {
            onHost(() -> Files.delete(host.resolve(path)));
            log.add(clock -> new DiskOp.Remove(clock, path));
        }
        take(node);
    }

    synchronized void rename(long from, String name, long to, String newName, int flags) {
        DiskNode node = child(folder(from), name);
        Folder target = folder(to);
        @Nullable DiskNode old = target.children.get(newName);
        if ((flags & ~RENAME_NOREPLACE) != 0) {
            throw new DiskException(Errno.EINVAL);
        }
        if (old != null && flags == RENAME_NOREPLACE) {
            throw new DiskException(Errno.EEXIST);
        }
        if (old == node) {
            return;
        }
        if (old instanceof Folder folder && !folder.children.isEmpty()) {
            throw new DiskException(Errno.ENOTEMPTY);
        }
        String before = path(node);
        String after = path(to, newName);
        if (!(node instanceof Socket)) {
            onHost(
                    () ->
                            Files.move(
                                    host.resolve(before),
                                    host.resolve(after),
                                    StandardCopyOption.ATOMIC_MOVE));
            log.add(clock -> new DiskOp.Rename(clock, before, after));
        }
        if (old != null) {
            take(old);
        }
        folder(from).children.remove(name);
        node.parent = target;
        node.name = newName;
        target.children.put(newName, node);
        folder(from).touch();
        target.touch();
    }

    synchronized void syncFolder(Folder folder, long begin) {
        log.add(clock -> new DiskOp.SyncFolder(clock, path(folder), begin));
    }

    /** Closes all files. Nothing is called afterwards. */
    synchronized void close() {
        for (DiskNode node : nodes.values()) {
            if (node instanceof File file) {
                file.content.close();
            }
        }
        nodes.clear();
    }

    private Folder addFolder(Folder parent, String name, int permissions) {
        Folder folder = new Folder(++lastNumber, parent, name, permissions);
        String path = path(folder);
        onHost(() -> Files.createDirectories(host.resolve(path)));
        add(parent, folder);
        log.add(clock -> new DiskOp.MakeFolder(clock, path));
        return folder;
    }

    private File addFile(Folder parent, String name, int permissions) {
        int number = ++lastNumber;
        String path = path(parent.number, name);
        int flags = Sys.O_RDWR | Sys.O_CREAT | Sys.O_CLOEXEC;
        int fd = (int) check(Sys.open(host.resolve(path), flags, 0600));
        FileContent content = new FileContent(number, fd, space, log);
        File file = new File(number, parent, name, permissions, content);
        add(parent, file);
        log.add(clock -> new DiskOp.Create(clock, number, path));
        return file;
    }

    private void add(Folder parent, DiskNode node) {
        parent.children.put(node.name, node);
        parent.touch();
        nodes.put(node.number, node);
    }

    /** Takes a name away; the node lives on while it is used. */
    private void take(DiskNode node) {
        Folder parent = node.parent;
        if (parent != null) {
            parent.children.remove(node.name, node);
            parent.touch();
        }
        dropUnused(node);
    }

    private void dropUnused(DiskNode node) {
        Folder parent = node.parent;
        boolean named = parent == null || parent.children.get(node.name) == node;
        boolean open = node instanceof File file && file.opens > 0;
        if (!named && !open && node.lookups <= 0 && nodes.remove(node.number) != null) {
            if (node instanceof File file) {
                file.content.close();
            }
        }
    }

    private DiskNode referred(DiskNode node) {
        node.lookups++;
        return node;
    }

    private static DiskNode child(Folder folder, String name) {
        DiskNode node = folder.children.get(name);
        if (node == null) {
            throw new DiskException(Errno.ENOENT);
        }
        return node;
    }

    private static void refuseTaken(Folder folder, String name) {
        if (folder.children.containsKey(name)) {
            throw new DiskException(Errno.EEXIST);
        }
    }

    @FunctionalInterface
    private interface HostCall {
        void run() throws IOException;
    }

    private static void onHost(HostCall call) {
        try {
            call.run();
        } catch (IOException e) {
            throw new UncheckedIOException("the folder below the disk fails", e);
        }
    }
}
