package io.tidemark.journal.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class HmacTest {
    /** RFC 4231, test cases 2 and 6. */
    @Test
    void isTheOneOfTheStandard() {
        assertThat(hex(new Hmac(ascii("Jefe")).of(ascii("what do ya want for nothing?"))))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        byte[] longKey = HexFormat.of().parseHex("aa".repeat(131));
        String text = "Test Using Larger Than Block-Size Key - Hash Key First";
        assertThat(hex(new Hmac(longKey).of(ascii(text))))
                .isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    @Test
    void isTheOneOfTheJdkForAllLengths() throws GeneralSecurityException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int length = 0; length < 300; length++) {
            byte[] key = new byte[1 + random.nextInt(100)];
            byte[] data = new byte[length];
            random.nextBytes(key);
            random.nextBytes(data);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            assertThat(new Hmac(key).of(data)).as("seed %d", seed).isEqualTo(mac.doFinal(data));
        }
    }

    @Test
    void sealingAndCheckingAllocatesNothing() {
        byte[] key = new byte[Hmac.BYTES];
        Seal seal = new Seal(key);
        SealCheck check = new SealCheck(key);
        UnsafeBuffer message = new UnsafeBuffer(new byte[256]);
        // Twice: the second time nothing is left to be loaded or compiled.
        exchange(seal, check, message, 20_000);
        long before = allocated();
        exchange(seal, check, message, 10_000);
        assertThat((allocated() - before) / 10_000).isZero();
    }

    private static void exchange(Seal seal, SealCheck check, UnsafeBuffer message, int times) {
        for (int i = 0; i < times; i++) {
            int length = seal.seal(message, 84);
            if (!check.accepts(message, 0, length)) {
                throw new AssertionError("refused");
            }
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
