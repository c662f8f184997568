package io.tidemark.tools.disk;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A process that writes to a file through mapped memory, as a test's own process must not: see
 * {@link FuseMount}.
 */
final class MappedWriter {
    private MappedWriter() {}

    /**
     * @param args file, offset, text, {@code force} or {@code leave}
     */
    public static void main(String[] args) throws Exception {
        try (FileChannel file =
                FileChannel.open(
                        Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size());
            for (int i = 0; i < args[2].length(); i++) {
                map.put(Integer.parseInt(args[1]) + i, (byte) args[2].charAt(i));
            }
            if (args[3].equals("force")) {
                map.force();
            }
        }
    }
}
