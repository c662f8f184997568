package io.tidemark.nbd;

import static io.tidemark.nbd.TestClient.ascii;
import static io.tidemark.nbd.TestClient.u32;
import static io.tidemark.nbd.TestClient.u64;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Valid dialogues with bytes changed, cut, doubled and moved: whatever a client sends, the server
 * lives, holds no memory for it afterwards, and serves the next client.
 */
class DialogueFuzzTest {
    private static final int DIALOGUES = 1500;

    @Test
    void theServerOutlivesEveryDialogue() throws IOException {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        System.out.println("DialogueFuzzTest seed " + seed + " (-Dtidemark.seed=" + seed + ")");
        Random random = new Random(seed);
        try (TestServer server = new TestServer(1 << 20, config -> config)) {
            for (int i = 0; i < DIALOGUES; i++) {
                server.device.taken.clear();
                server.device.refusing = random.nextInt(16) == 0;
                server.device.holding = random.nextInt(8) == 0;
                talk(server, mutate(dialogue(random), random), random);
                if (i % 100 == 0) {
                    expectServed(server);
                }
            }
            expectServed(server);
            server.until("all connections end", () -> server.server.connections() == 0);
        }
    }

    private static void talk(TestServer server, byte[] bytes, Random random) throws IOException {
        try (TestClient client = server.connect()) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            ByteBuffer sink = ByteBuffer.allocate(1 << 16);
            while (rest.hasRemaining()) {
                int part = Math.min(rest.remaining(), 1 + random.nextInt(3000));
                client.channel.write(rest.slice(rest.position(), part));
                rest.position(rest.position() + part);
                server.server.doWork();
                if (random.nextInt(4) > 0 && client.channel.read(sink.clear()) < 0) {
                    break;
                }
            }
            server.server.doWork();
            if (random.nextBoolean()) {
                client.reset();
            }
        } catch (IOException e) {
            // The server closed a dialogue that made no sense.
        }
        server.device.refusing = false;
        server.device.holding = false;
        server.server.doWork();
        server.device.completeAll();
    }

    private static void expectServed(TestServer server) throws IOException {
        server.device.refusing = false;
        server.device.holding = false;
        try (TestClient good = server.connect().go()) {
            byte[] data = new byte[300_000];
            new Random(1).nextBytes(data);
            good.write(1, 5, data);
            good.expectReply(1, NbdErrors.NONE);
            good.request(TestClient.READ, 2, 5, data.length);
            good.expectReply(2, NbdErrors.NONE);
            assertThat(good.receive(data.length)).isEqualTo(data);
            good.disconnect();
            good.expectClosed();
        }
    }

    private static byte[] dialogue(RandomGenerator random) throws IOException {
        StringBuilder text = new StringBuilder("0000000").append(random.nextInt(4));
        for (int i = random.nextInt(3); i > 0; i--) {
            option(text, random.nextInt(14), "00".repeat(random.nextInt(40)));
        }
        if (random.nextBoolean()) {
            option(text, 6 + random.nextInt(2), u32(4) + ascii("r0/0") + "0002" + "00030001");
        }
        if (random.nextInt(8) > 0) {
            option(text, 7, u32(4) + ascii("r0/0") + "0000");
        } else {
            option(text, 1, ascii("r0/0"));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(TestClient.hex(text.toString()));
        for (int i = random.nextInt(12); i > 0; i--) {
            request(all, random);
        }
        return all.toByteArray();
    }

    private static void option(StringBuilder text, int number, String data) {
        text.append("49484156454F5054").append(u32(number)).append(u32(data.length() / 2));
        text.append(data);
    }

    private static void request(ByteArrayOutputStream all, RandomGenerator random)
            throws IOException {
        int type = random.nextInt(8);
        int length = random.nextInt(6) == 0 ? random.nextInt(600_000) : random.nextInt(5000);
        long offset = random.nextInt(1 << 20);
        boolean flush = type == 3;
        String flags = random.nextInt(4) == 0 ? "0001" : "0000";
        String range = flush ? u64(0) + u32(0) : u64(offset) + u32(length);
        all.write(
                TestClient.hex(
                        "25609513"
                                + flags
                                + u32(type).substring(4)
                                + u64(random.nextLong())
                                + range));
        if (type == 1) {
            all.write(new byte[length]);
        }
    }

    private static byte[] mutate(byte[] bytes, RandomGenerator random) {
        byte[] result = bytes;
        for (int i = random.nextInt(4); i > 0 && result.length > 1; i--) {
            int at = random.nextInt(Math.min(result.length, 400));
            int length = Math.min(result.length - at, 1 + random.nextInt(20));
            switch (random.nextInt(5)) {
                case 0 -> result[at] = (byte) random.nextInt(256);
                case 1 -> result[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> result = splice(result, at, length, 0);
                case 3 -> result = splice(result, at, 0, length);
                default -> result = splice(result, at, result.length - at, 0);
            }
        }
        return result;
    }

    /** The bytes without some of them, or with some of them twice. */
    private static byte[] splice(byte[] bytes, int at, int without, int twice) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        result.write(bytes, 0, at + twice);
        result.write(bytes, at + without, bytes.length - at - without);
        return result.toByteArray();
    }
}
