package io.tidemark.tools;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dependencies point one way, as docs/ARCHITECTURE.md draws them. */
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.tidemark");

    @ParameterizedTest(name = "{0} does not know {1}")
    @CsvSource({
        "codec, journal",
        "codec, nbd",
        "codec, tools",
        "nbd, journal",
        "nbd, tools",
        "journal, nbd",
        "journal, tools",
        "journal.log, journal.partition",
        "journal.log, journal.apply",
        "journal.log, journal.replication",
        "journal.partition, journal.log",
        "journal.partition, journal.apply",
        "journal.partition, journal.replication",
        "journal.apply, journal.replication",
        "tools.config, tools.node",
        "tools.config, tools.cli",
        "tools.admin, tools.node",
        "tools.admin, tools.cli",
        "tools.admin, tools.config",
        "tools.client, tools.demo",
        "tools.demo, tools.cli",
        "tools.demo, tools.node",
        "tools.node, tools.cli",
        "tools.node, tools.demo",
    })
    void oneDoesNotKnowTheOther(final String one, final String other) {
        noClasses()
                .that()
                .resideInAPackage("io.tidemark." + one + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.tidemark." + other + "..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }
}
