package io.tidemark.nbd;

/**
 * Numbers of the NBD protocol (doc/proto.md of the NBD project), by the names used there without
 * their NBD_ prefix. The layouts of the headers are in codec's nbd.xml.
 */
final class NbdProtocol {
    static final long NBDMAGIC = 0x4e42444d41474943L;
    static final long IHAVEOPT = 0x49484156454F5054L;
    static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;

    static final int FLAG_FIXED_NEWSTYLE = 1;
    static final int FLAG_NO_ZEROES = 1 << 1;
    static final int FLAG_C_FIXED_NEWSTYLE = 1;
    static final int FLAG_C_NO_ZEROES = 1 << 1;

    static final int FLAG_HAS_FLAGS = 1;
    static final int FLAG_READ_ONLY = 1 << 1;
    static final int FLAG_SEND_FLUSH = 1 << 2;
    static final int FLAG_SEND_FUA = 1 << 3;
    static final int FLAG_SEND_TRIM = 1 << 5;
    static final int FLAG_SEND_WRITE_ZEROES = 1 << 6;
    static final int FLAG_CAN_MULTI_CONN = 1 << 8;

    static final int OPT_EXPORT_NAME = 1;
    static final int OPT_ABORT = 2;
    static final int OPT_LIST = 3;
    static final int OPT_INFO = 6;
    static final int OPT_GO = 7;

    static final int REP_ACK = 1;
    static final int REP_SERVER = 2;
    static final int REP_INFO = 3;
    private static final int REP_ERROR = 1 << 31;
    static final int REP_ERR_UNSUP = REP_ERROR | 1;
    static final int REP_ERR_POLICY = REP_ERROR | 2;
    static final int REP_ERR_INVALID = REP_ERROR | 3;
    static final int REP_ERR_UNKNOWN = REP_ERROR | 6;
    static final int REP_ERR_TOO_BIG = REP_ERROR | 9;

    static final int INFO_EXPORT = 0;
    static final int INFO_NAME = 1;
    static final int INFO_DESCRIPTION = 2;
    static final int INFO_BLOCK_SIZE = 3;

    static final int CMD_READ = 0;
    static final int CMD_WRITE = 1;
    static final int CMD_DISC = 2;
    static final int CMD_FLUSH = 3;
    static final int CMD_TRIM = 4;
    static final int CMD_WRITE_ZEROES = 6;

    static final int CMD_FLAG_FUA = 1;
    static final int CMD_FLAG_NO_HOLE = 1 << 1;

    /** Zeroes that follow the reply to EXPORT_NAME unless NO_ZEROES was negotiated. */
    static final int EXPORT_NAME_PADDING = 124;

    /** Longest string the protocol allows, bytes. */
    static final int MAX_STRING = 4096;

    static final int MIN_BLOCK = 1;
    static final int PREFERRED_BLOCK = 4096;

    /** A payload up to this size is no attack, says the protocol, whatever the server's maximum. */
    static final int PORTABLE_PAYLOAD = 1 << 25;

    private NbdProtocol() {}

    /** Transmission flags of a device. What a read-only device always refuses is not offered. */
    static int transmissionFlags(boolean readOnly) {
        int common = FLAG_HAS_FLAGS | FLAG_SEND_FLUSH | FLAG_SEND_FUA | FLAG_CAN_MULTI_CONN;
        return readOnly
                ? common | FLAG_READ_ONLY
                : common | FLAG_SEND_TRIM | FLAG_SEND_WRITE_ZEROES;
    }
}
