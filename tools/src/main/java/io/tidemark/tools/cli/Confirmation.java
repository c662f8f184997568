package io.tidemark.tools.cli;

import java.io.Console;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Asks a person before something that cannot be taken back. Blocks until there is an answer. */
@FunctionalInterface
interface Confirmation {
    /** Asks a question; null when there is nobody to ask. */
    @Nullable String ask(String question);

    /**
     * Returns only if the answer is yes.
     *
     * @throws CommandException when it is not, or nobody is there
     */
    default void require(final String question) {
        final @Nullable String answer = ask(question);
        if (answer == null) {
            throw new CommandException(
                    "nobody is there to confirm. Repeat with --yes", ExitStatus.USAGE);
        }
        if (!answer.strip().toLowerCase(Locale.ROOT).matches("y|yes")) {
            throw new CommandException("nothing was changed", ExitStatus.FAILED);
        }
    }

    /** Asks on the terminal, if there is one. */
    static Confirmation console() {
        return question -> {
            final @Nullable Console console = terminal();
            return console == null ? null : console.readLine("%s [y/N] ", question);
        };
    }

    /** Whether a person sits in front of input and output. */
    static boolean onTerminal() {
        return terminal() != null;
    }

    @SuppressWarnings(
            "SystemConsoleNull") // Java 25's own console is null again without a terminal.
    private static @Nullable Console terminal() {
        final @Nullable Console console = System.console();
        return console != null && console.isTerminal() ? console : null;
    }
}
