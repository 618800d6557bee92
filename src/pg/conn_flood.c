/* Floods of parameters in an answer.
 *
 * libpq keeps all parameters in one list and walks it for each new one, so a
 * flood of names costs their number squared.  In plaintext a flood is
 * recognised at once.  Under TLS, or with other messages in between, it is
 * invisible; then we measure its cost by our own CPU time, which neither a busy
 * machine nor a stop moves.
 *
 * The deadline cannot end it: the time that a step takes beyond LOOP_SLACK is
 * taken out of the clock of the loop, so the deadline would never come. */
#include "pg/conn_private.h"

#include <sys/socket.h>

enum { SAMPLE = 2048 };

/* The CPU time that one portion of an answer may take, and what each byte of a
 * long row adds.  A usual portion takes less than a millisecond. */
#define PORTION_COST (100 * NSEC_PER_MSEC)
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
    if (!session_is_relayed(
            session)) /* without a relay we do not know how much was read */
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
