package io.tidemark.tools.crash;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Java agent that breaks single methods of a node's classes when they are loaded. A node that it
 * cannot break as it was told ends at once: a variant must never turn into no variant unseen.
 */
public final class Saboteur implements ClassFileTransformer {
    private static final int CANNOT = 86;

    private final List<Sabotage> sabotages;

    private Saboteur(List<Sabotage> sabotages) {
        this.sabotages = sabotages;
    }

    /** Called by the JVM before main. */
    public static void premain(String names, Instrumentation instrumentation) {
        instrumentation.addTransformer(
                new Saboteur(Arrays.stream(names.split(",")).map(Sabotage::valueOf).toList()));
    }

    @Override
    public byte @Nullable [] transform(
            @Nullable ClassLoader loader,
            String name,
            @Nullable Class<?> redefined,
            ProtectionDomain domain,
            byte[] original) {
        boolean broken = false;
        byte[] changed = original;
        for (Sabotage sabotage : sabotages) {
            if (sabotage.internalName().equals(name) && loader != null) {
                try {
                    changed = sabotage.apply(changed, loader);
                    broken = true;
                    System.out.println(applied(sabotage));
                } catch (RuntimeException | Error e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(CANNOT);
                }
            }
        }
        return broken ? changed : null;
    }

    /** Line that a node prints when a class of it was broken. */
    static String applied(Sabotage sabotage) {
        return "sabotage applied: " + sabotage;
    }

    /**
     * Options for a JVM that has the test classes on its class path; none for an honest node.
     *
     * @param folder where the agent's jar, which holds only a manifest, is made
     */
    static List<String> options(Path folder, List<Sabotage> sabotages) throws IOException {
        if (sabotages.isEmpty()) {
            return List.of();
        }
        Path jar = folder.resolve("saboteur.jar");
        if (Files.notExists(jar)) {
            Manifest manifest = new Manifest();
            manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().putValue("Premain-Class", Saboteur.class.getName());
            try (OutputStream file = Files.newOutputStream(jar);
                    JarOutputStream content = new JarOutputStream(file, manifest)) {
                content.finish();
            }
        }
        String names = sabotages.stream().map(Sabotage::name).collect(Collectors.joining(","));
        return List.of("-javaagent:%s=%s".formatted(jar, names));
    }
}
