/* pg/conn.h without a server: connections do what the test's plan says, when it says.
 * Linked instead of the real one, it lets pools and fleets live through thousands of
 * random lives without a socket. */
#ifndef TESTS_FAKE_PG_CONN_H
#define TESTS_FAKE_PG_CONN_H

#include "base/list.h"
#include "pg/conn.h"

/* What becomes of one opening, and later of one statement. */
struct fake_fate {
    nsec after;                      /* length of time; NEVER: silence */
    enum pgcensus_class error_class; /* CLASS_NONE: it works */
    enum pgcensus_phase phase;       /* of the silence or of the failure */
    nsec queued;         /* RESOLVE: until a thread of ours begins; no deadline knows */
    bool empty;          /* it works, and there is nothing in the answer */
    const char *warning; /* said of a user's statement; NULL: none */
};

struct fake_server {
    const char *in_hot_standby, *default_transaction_read_only; /* NULL: not told */
    const char *is_superuser, *server_version;
    int version;
    const char *role_cells[2]; /* answers the question for the role */
};

struct fake_plan {
    /* Both are asked at the moment when it begins. */
    struct fake_fate (*open)(const struct pg_target *target);
    struct fake_fate (*answer)(const struct pg_target *target, const char *sql);
    struct fake_server (*server)(const struct pg_target *target);
    /* How many rows the answer to an extended statement has; NULL: one. */
    size_t (*rows)(const struct pg_target *target);
};

extern struct fake_plan fake_plan;

struct pg_conn {
    struct task *task;
    const struct pg_target *target;
    struct fake_server server;
    enum pg_conn_state state;
    struct fake_fate fate;
    nsec due, deadline, began;
    nsec patience; /* of the last statement */
    bool goodbye;
    bool dirty; /* left a transaction open, whatever it was asked */
    enum pg_transaction transaction;
    bool begins, ends, asks_role; /* what the statement under way does */
    bool extended;                /* how it was sent */
    struct pg_budget *budget;
    struct rowset *rows;
    struct pgcensus_notices notices;
    struct pg_wants wants;
    struct pg_timing timing;
    struct pgcensus_failure failure;
    unsigned serial; /* counts all connections ever made */
    struct list_node node;
};

extern struct list fake_conns; /* those that exist, oldest first */
extern unsigned fake_opened;   /* pg_conn_open() was called so often */

void fake_reset(void);
/* The server closes an open connection; the loop will see it. */
void fake_say_goodbye(struct pg_conn *conn);

#endif
