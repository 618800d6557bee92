/* The facts of a node: the statement that asks for them, and what its answer says. */
#ifndef FLEET_FACTS_H
#define FLEET_FACTS_H

#include "base/buf.h"
#include "base/rowset.h"

#include <pgcensus/facts.h>

/* The oldest server that can be asked. */
enum { FACTS_SINCE = 100000 };

/* Of a list: what a server may make us keep is bounded. */
enum { FACTS_MOST_LINES = 1000 };

/* How a server can be asked, the best first. */
enum facts_way {
    FACTS_BY_PARTS, /* what it refuses is left out, without an ERROR in its log */
    FACTS_AT_ONCE,  /* it has no PL/pgSQL for us: all or nothing */
    FACTS_NO_WAY,   /* it refused both */
};

/* What a node is not asked again before that time, and why. */
struct facts_memory {
    enum facts_way way;
    nsec until;
    char *why; /* owned; NULL if it refused nothing, or without memory */
};

/* For a server of that version (150020), and no way but the first two. */
void facts_statement(enum pgcensus_facts_level level, int version, enum facts_way way,
                     struct buf *out);

/* When the statement was sent and its answer was complete, on both of our clocks. */
struct facts_moment {
    nsec sent, received; /* CLOCK_MONOTONIC */
    nsec received_wall;
};

/* 1, 0; -1 unknown. */
struct facts_role {
    int standby, read_only;
};

/* One block of memory, to be freed with free().  What is known of the role goes in, and
 * what the node says of it, which is newer, comes out.  NULL with *ret_why: it is no
 * answer to the statement. */
struct pgcensus_facts *facts_read(enum pgcensus_facts_level level,
                                  const struct pgcensus_rows *rows,
                                  const struct facts_moment *moment,
                                  struct facts_role *role, const char **ret_why);

#endif
