package io.tidemark.nbd;

import io.tidemark.codec.nbd.ClientFlagsDecoder;
import io.tidemark.codec.nbd.OptionRequestDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Fixed newstyle negotiation of one connection, from the greeting to the chosen export. Options are
 * answered one at a time: the next is looked at once the answer has left. Data thread only.
 */
final class Negotiation {
    private enum Phase {
        CLIENT_FLAGS,
        OPTION,
        DATA,
        /** Drops an option's data, then answers it. */
        SKIP,
        CHOSEN,
        /** After ABORT: closes once the answer has left. */
        LEAVING,
        VIOLATED
    }

    private static final int HEADER = OptionRequestDecoder.BLOCK_LENGTH;

    /**
     * Longest option data that is looked at: a name and far more information requests than exist.
     */
    private static final int MAX_DATA = 8192;

    private final NegotiationReplies replies = new NegotiationReplies();
    private final OptionAnswers answers;
    private final OptionRequestDecoder header = new OptionRequestDecoder();

    private Phase phase = Phase.CLIENT_FLAGS;
    private boolean noZeroes;
    private long option;
    private long length;
    private long left;
    private @Nullable Export chosen;

    Negotiation(Exports exports, int maxRequestBytes) {
        answers = new OptionAnswers(exports, maxRequestBytes, replies);
        answers.greeting();
    }

    NegotiationReplies replies() {
        return replies;
    }

    /** The export that the client uses from now on, or null. */
    @Nullable Export chosen() {
        return chosen;
    }

    boolean violated() {
        return phase == Phase.VIOLATED;
    }

    boolean finished() {
        return phase == Phase.LEAVING && replies.isEmpty();
    }

    boolean wantsInput() {
        return switch (phase) {
            case CLIENT_FLAGS, OPTION, DATA, SKIP, CHOSEN -> true;
            case LEAVING, VIOLATED -> false;
        };
    }

    int advance(ReceiveBuffer in) {
        int work = 0;
        while (replies.isEmpty() && step(in)) {
            work++;
        }
        return work;
    }

    private boolean step(ReceiveBuffer in) {
        return switch (phase) {
            case CLIENT_FLAGS -> clientFlags(in);
            case OPTION -> optionHeader(in);
            case DATA -> optionData(in);
            case SKIP -> skipData(in);
            case CHOSEN, LEAVING, VIOLATED -> false;
        };
    }

    private boolean clientFlags(ReceiveBuffer in) {
        if (in.available() < ClientFlagsDecoder.BLOCK_LENGTH) {
            return false;
        }
        long flags =
                new ClientFlagsDecoder()
                        .wrap(in.view(), in.head(), ClientFlagsDecoder.BLOCK_LENGTH, 0)
                        .flags();
        in.consume(ClientFlagsDecoder.BLOCK_LENGTH);
        long known = NbdProtocol.FLAG_C_FIXED_NEWSTYLE | NbdProtocol.FLAG_C_NO_ZEROES;
        noZeroes = (flags & NbdProtocol.FLAG_C_NO_ZEROES) != 0;
        phase = (flags & ~known) == 0 ? Phase.OPTION : Phase.VIOLATED;
        return true;
    }

    private boolean optionHeader(ReceiveBuffer in) {
        if (in.available() < HEADER) {
            return false;
        }
        header.wrap(in.view(), in.head(), HEADER, OptionRequestDecoder.SCHEMA_VERSION);
        boolean inStep = header.magic() == NbdProtocol.IHAVEOPT;
        option = header.option();
        length = header.length();
        left = length;
        in.consume(HEADER);
        phase = inStep ? phaseForData() : Phase.VIOLATED;
        return true;
    }

    private Phase phaseForData() {
        if (option == NbdProtocol.OPT_EXPORT_NAME) {
            // This option has no error reply: a name that cannot be one ends the session.
            return length <= NbdProtocol.MAX_STRING ? Phase.DATA : Phase.VIOLATED;
        }
        boolean carriesName = option == NbdProtocol.OPT_GO || option == NbdProtocol.OPT_INFO;
        return carriesName && length <= MAX_DATA ? Phase.DATA : Phase.SKIP;
    }

    private boolean optionData(ReceiveBuffer in) {
        if (in.available() < length) {
            return false;
        }
        int bytes = (int) length;
        if (option == NbdProtocol.OPT_EXPORT_NAME) {
            chosen = answers.exportName(ExportQuery.name(in.view(), in.head(), bytes), noZeroes);
            phase = chosen == null ? Phase.VIOLATED : Phase.CHOSEN;
        } else {
            ExportQuery query = ExportQuery.parse(in.view(), in.head(), bytes);
            Export export = answers.information(option, query);
            chosen = option == NbdProtocol.OPT_GO ? export : null;
            phase = chosen == null ? Phase.OPTION : Phase.CHOSEN;
        }
        in.consume(bytes);
        return true;
    }

    private boolean skipData(ReceiveBuffer in) {
        int dropped = (int) Math.min(left, in.available());
        in.consume(dropped);
        left -= dropped;
        if (left > 0) {
            return false;
        }
        answers.withoutData(option, length);
        phase = option == NbdProtocol.OPT_ABORT ? Phase.LEAVING : Phase.OPTION;
        return true;
    }
}
