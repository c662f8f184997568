package io.tidemark.tools.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fails when a refactoring has moved what a variant breaks. */
class SabotageTest {
    @ParameterizedTest
    @EnumSource
    void breaksTheClassThatItNames(Sabotage sabotage) throws IOException {
        byte[] original = classFile(sabotage.internalName());
        byte[] changed = sabotage.apply(original, SabotageTest.class.getClassLoader());
        assertThat(changed).isNotEqualTo(original);
        assertThat(ClassFile.of().verify(changed)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesAClassThatHasNothingToBreak(Sabotage sabotage) throws IOException {
        byte[] other = classFile("io/tidemark/tools/crash/Profile");
        assertThatThrownBy(() -> sabotage.apply(other, SabotageTest.class.getClassLoader()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("renamed");
    }

    private static byte[] classFile(String internalName) throws IOException {
        try (InputStream file =
                SabotageTest.class.getClassLoader().getResourceAsStream(internalName + ".class")) {
            assertThat(file).as(internalName).isNotNull();
            return file.readAllBytes();
        }
    }
}
