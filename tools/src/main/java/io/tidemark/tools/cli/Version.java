package io.tidemark.tools.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar's manifest. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        final @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "tidemark " + (version == null ? "(not packaged)" : version),
            "Java " + Runtime.version() + " on " + System.getProperty("os.name")
        };
    }
}
