/* Floods of parameters in an answer.
 *
 * libpq keeps every parameter in one list that it walks for each of them, so a flood of
 * names costs their number squared.  Where it can be seen it is named at once.  Under
 * TLS, or with something in between, nobody sees it come; but what it costs us is seen,
 * by the clock of our own work, which neither a busy machine nor a stop moves.
 *
 * That has to end it: the time that a step takes beyond LOOP_SLACK is taken out of the
 * clock of the loop, so that no deadline would come. */
#include "pg/conn_private.h"

#include <sys/socket.h>

enum { SAMPLE = 2048 };

/* What one portion of an answer may cost us, and what each byte of a long row adds.  A
 * usual one costs less than a millisecond. */
#define PORTION_COST (25 * NSEC_PER_MSEC)
#define BYTE_COST ((nsec)20)

bool conn_pass_on(struct pg_conn *conn, size_t most)
{
    struct session *session = conn->session;
    unsigned char bytes[SAMPLE];
    ssize_t n =
        !session_is_relayed(session) || PQsslInUse(session->pg)
            ? 0
            : recv(session_fd(session), bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (n <= 0 || !greeting_resembles(bytes, (size_t)n)) {
        session_forward(session, most);
        return true;
    }
    conn->run.flooded += session_forward_uncounted(session, SAMPLE);
    if (conn->run.flooded <= GREETING_BYTES)
        return true;
    conn_give_up(conn, PGCENSUS_CLASS_LIMIT,
                 "more than 64kB of parameters in the answer");
    return false;
}

struct conn_cost conn_cost_begin(const struct pg_conn *conn)
{
    const struct session *session = conn->session;
    if (!session_is_relayed(session)) /* nobody knows how much was read */
        return (struct conn_cost){.unknown = true};
    return (struct conn_cost){.unfinished = session->unfinished, .began = clock_cpu()};
}

bool conn_pay(struct pg_conn *conn, const struct conn_cost *cost)
{
    const struct statement_run *run = &conn->run;
    size_t kept = run->rows ? run->rows->bytes : 0; /* may have been moved */
    nsec allowed = PORTION_COST + BYTE_COST * (nsec)(cost->unfinished + kept / 8);
    if (cost->unknown || clock_cpu() - cost->began <= allowed)
        return true;
    conn_give_up(conn, PGCENSUS_CLASS_LIMIT,
                 "its answer costs too much to read: a flood of parameters");
    return false;
}
