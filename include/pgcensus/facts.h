/* Facts that a node reports about itself.
 *
 * They come from one statement after a check's SELECT 1; its text depends on
 * the version of the server (10 and later).  A fact that the login role may not
 * see, or that the server does not know, is unknown, and has the value that its
 * member names for it.  Facts come in parts: a part that is refused leaves its
 * reason, and the others are still read. */
#ifndef PGCENSUS_FACTS_H
#define PGCENSUS_FACTS_H

#include <pgcensus/status.h>

/* How many facts a check asks for. */
enum pgcensus_facts_level {
    PGCENSUS_FACTS_NONE,
    PGCENSUS_FACTS_BASIC, /* those that lag and the verdict on a group need */
    PGCENSUS_FACTS_FULL,  /* slots and senders, too */
};

const char *pgcensus_facts_level_name(enum pgcensus_facts_level level);

/* A part can be refused while the others are answered. */
enum pgcensus_facts_part {
    PGCENSUS_PART_ROLE,
    PGCENSUS_PART_CLOCK,
    PGCENSUS_PART_UPTIME,
    PGCENSUS_PART_CONNECTIONS,
    PGCENSUS_PART_IDENTITY, /* the control file: identifier, timeline of a standby */
    PGCENSUS_PART_TIMELINE, /* of a primary */
    PGCENSUS_PART_WAL,      /* of a primary */
    PGCENSUS_PART_RECEIVED, /* of a standby, as the next ones up to RECEIVER */
    PGCENSUS_PART_REPLAYED,
    PGCENSUS_PART_COMMIT,
    PGCENSUS_PART_PAUSE,
    PGCENSUS_PART_RECEIVER,
    PGCENSUS_PARTS_BASIC,
    PGCENSUS_PART_SLOTS = PGCENSUS_PARTS_BASIC,
    PGCENSUS_PART_SENDERS,
    PGCENSUS_PARTS,
};

/* "role", "clock" … */
const char *pgcensus_facts_part_name(enum pgcensus_facts_part part);

/* A part that was refused, is not supported or does not exist. */
struct pgcensus_missing {
    enum pgcensus_facts_part part;
    char sqlstate[6];
    char message[160]; /* in the words of the server */
};

/* A position in the write-ahead log, in bytes since its beginning; 0: unknown. */
typedef uint64_t pgcensus_lsn;

/* Whether a standby has a WAL receiver, which every role may see. */
enum pgcensus_receiver {
    PGCENSUS_RECEIVER_UNKNOWN,
    PGCENSUS_RECEIVER_NONE,
    PGCENSUS_RECEIVER_RUNNING, /* its state is hidden from our role */
    PGCENSUS_RECEIVER_STREAMING,
    PGCENSUS_RECEIVER_OTHER, /* starting, waiting, restarting, stopping */
};

/* "none", "running" …; NULL for unknown. */
const char *pgcensus_receiver_name(enum pgcensus_receiver receiver);

/* A replication slot and the WAL that it retains. */
struct pgcensus_slot {
    char name[64];
    char type[16]; /* "physical", "logical" */
    bool active;
    int64_t retained; /* bytes of WAL; -1: none reserved yet, or lost */
    char
        wal_status[16]; /* "reserved", "extended", "unreserved", "lost"; "" before 13 */

    /* 1, 0; -1: the server has no such column (before 17, conflicting before 16). */
    int8_t synced;      /* a standby's copy of a slot of its primary, not in use */
    int8_t failover;    /* standbys may have a copy */
    int8_t conflicting; /* logical, and unusable since a conflict with recovery */

    char invalidation_reason[32]; /* "wal_removed" …; "" none, or before 17 */
    nsec inactive_since;          /* wall clock of the server; 0 in use, or before 17 */
};

/* A client that receives WAL from a node: a standby, an archiver, a subscriber. */
struct pgcensus_sender {
    char application[64]; /* told to every role; "" none */
    char address[64];     /* of the client; "" unix socket, or hidden */
    char state[16];       /* "streaming", "catchup" …; "" hidden */
    char slot[64];        /* the slot that it uses, told to every role; "" none */
};

struct pgcensus_facts {
    enum pgcensus_facts_level level;
    uint64_t system_identifier; /* of the cluster; 0 unknown */
    uint32_t timeline;          /* 0 unknown */
    bool timeline_recorded;     /* from the control file only, which may be behind */
    nsec started_at;            /* of the server, wall clock since 1970; 0 unknown */
    nsec uptime;                /* PGCENSUS_UNKNOWN_TIME */

    /* The connections in use: client backends of all databases, including that
     * of this check (own), and before 12 walsenders; no workers.  -1: unknown.
     *
     * A role without pg_monitor cannot tell another role's worker from a
     * client.  Then the number is at most `used`, and at least `least`, because
     * a server has at most max_worker_processes workers.  For other roles the
     * two are equal. */
    int connections_used, connections_least;
    int connections_max, connections_reserved, connections_own;

    /* The server's clock minus ours, give or take the uncertainty: half the time that
     * the answer took. */
    bool clock_known;
    nsec clock_offset, clock_uncertainty;

    /* The server's snapshot: all transactions below xid_oldest have ended, none
     * from xid_next on has begun.  0 unknown. */
    uint64_t xid_oldest, xid_next;

    nsec server_clock; /* of the sample, wall clock of the server; 0 unknown */

    pgcensus_lsn wal;    /* the write position of a primary */
    nsec sampled;        /* when we asked for it: CLOCK_MONOTONIC … */
    nsec sampled_within; /* … and how long the answer took */

    /* For standbys only. */
    pgcensus_lsn received, replayed;
    nsec last_commit;  /* replayed: its time on the clock of its primary; 0 unknown */
    pgcensus_lsn told; /* the last position that its upstream reported, 0 unknown */
    nsec told_at; /* when it reported last, on the clock of the standby; 0 unknown */
    int paused;   /* 1, 0, -1 unknown */
    enum pgcensus_receiver receiver;
    char receiver_status[16]; /* in the words of the server, "" unknown */
    char upstream_host[64];   /* as the standby knows it, "" unknown */
    int upstream_port;        /* 0 unknown */
    char receiver_slot[64];   /* the slot of its upstream that it uses, "" unknown */
    nsec apply_delay; /* the configured delay of replay; PGCENSUS_UNKNOWN_TIME */

    /* -1: not asked, or not known.  At most a thousand of each are kept, the
     * others are counted.  If there are more slots, the worst ones (lost, or
     * retaining most) are kept, sorted by name. */
    int n_slots, n_senders;
    const struct pgcensus_slot *slots;
    const struct pgcensus_sender *senders;
    int slots_left_out, senders_left_out;

    /* In the order of the parts, without those that a primary or a standby
     * cannot have. */
    size_t n_missing;
    const struct pgcensus_missing *missing;

    char hidden[256]; /* the missing and hidden parts in words for people; "" none */
};

/* Why the part is missing; NULL: it was not refused. */
const struct pgcensus_missing *
pgcensus_facts_missing(const struct pgcensus_facts *facts,
                       enum pgcensus_facts_part part);

/* Why something of a standby's lag is not known. */
enum pgcensus_lag_reason {
    PGCENSUS_LAG_REASON_NONE, /* nothing is unknown, or it is no standby */
    PGCENSUS_LAG_POOLER,
    PGCENSUS_LAG_NO_FACTS,
    PGCENSUS_LAG_HIDDEN, /* to which cluster it belongs */
    PGCENSUS_LAG_SEVERAL_PRIMARIES,
    PGCENSUS_LAG_OTHER_TIMELINE,
    PGCENSUS_LAG_TIMELINE_UNKNOWN,
    PGCENSUS_LAG_PRIMARY_HIDDEN,
    PGCENSUS_LAG_FOREIGN_CLUSTER,
    PGCENSUS_LAG_MISSED_CHECK, /* the primary may be a node that missed this check */
    PGCENSUS_LAG_NO_PRIMARY,
    PGCENSUS_LAG_AHEAD,
    PGCENSUS_LAG_REFUSED, /* the server refused a fact that lag needs */
    PGCENSUS_LAG_NOTHING_REPLAYED,
    PGCENSUS_LAG_NO_COMMIT_REPLAYED,
    PGCENSUS_LAG_LOG_SHIPPING, /* WAL comes as files, which do not tell its age */
};

/* "pooler", "no_facts" …: a promise to programs.  NULL for NONE. */
const char *pgcensus_lag_reason_name(enum pgcensus_lag_reason reason);

/* The lag of a standby behind the live primary of its cluster. */
struct pgcensus_lag {
    /* Bytes; -1 unknown.  Never negative otherwise. */
    int64_t receive, replay;
    nsec time; /* PGCENSUS_UNKNOWN_TIME; 0 only if it has all that was committed */
    nsec skew; /* between the two samples; PGCENSUS_UNKNOWN_TIME without two */
    const char *reason; /* the name of why; NULL for none */
    size_t primary;     /* the index of the node it was measured against; SIZE_MAX */
    enum pgcensus_lag_reason why;
};

#endif
