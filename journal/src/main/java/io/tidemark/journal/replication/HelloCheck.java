package io.tidemark.journal.replication;

import org.jspecify.annotations.Nullable;

/** Whether two nodes may replicate a resource at all. A pure function of both Hellos. */
final class HelloCheck {
    private HelloCheck() {}

    /** Why the other node is refused, or null if it is not. */
    static @Nullable Refusal refusal(Hello own, Hello other) {
        if (own.resource() != null
                && other.resource() != null
                && !own.resource().equals(other.resource())) {
            return new Refusal(
                    Refusal.Code.OTHER_RESOURCE,
                    other.nodeName()
                            + " holds resource "
                            + other.resource()
                            + " under the name "
                            + own.resourceName()
                            + ", this node "
                            + own.resource()
                            + ": they were created separately. Remove one side's data or rename it");
        }
        if (!own.volumes().equals(other.volumes())) {
            return new Refusal(
                    Refusal.Code.OTHER_VOLUMES,
                    other.nodeName()
                            + " has volumes "
                            + other.volumes()
                            + ", this node "
                            + own.volumes()
                            + ": use the same configuration file on both");
        }
        if (own.configDigest() != other.configDigest()) {
            return new Refusal(
                    Refusal.Code.OTHER_CONFIGURATION,
                    other.nodeName()
                            + " runs with another configuration of "
                            + own.resourceName()
                            + ": use the same file on both");
        }
        boolean sameBase =
                own.base() == null ? other.base() == null : own.base().equals(other.base());
        if (!sameBase) {
            return new Refusal(
                    Refusal.Code.OTHER_BASE,
                    other.nodeName()
                            + "'s partition began with other content than this node's: a base copy is needed");
        }
        return null;
    }
}
