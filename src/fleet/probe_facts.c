/* What a node that has answered is asked beyond: its facts, and its role if nobody has
 * told it by then.  Neither can make the node worse than it is. */
#include "base/text.h"
#include "fleet/facts.h"
#include "fleet/probe_private.h"
#include "fleet/verdict.h"

#include <string.h>

/* Facts are more work for a server than SELECT 1, and a node whose facts are late is
 * none the worse for it. */
#define FACTS_TIMEOUT (5 * NSEC_PER_SEC)

static void end_well(struct probe *probe, nsec now)
{
    verdict_answered(&probe->result, &probe->node->options);
    probe_end(probe, now);
}

static void ask_role(struct probe *probe, nsec now)
{
    probe_send(probe, PROBE_ROLE, VERDICT_ROLE_SQL, probe->node->options.probe.timeout,
               now);
}

static void send_statement(struct probe *probe, enum facts_gap gap, nsec now)
{
    probe->gap = gap;
    buf_clear(&probe->statement);
    facts_statement(probe->plan.facts, probe->result.server_version_num, gap,
                    &probe->statement);
    if (probe->statement.broken) {
        verdict_no_facts(&probe->result, "out of memory");
        end_well(probe, now);
        return;
    }
    probe_send(probe, PROBE_FACTS, probe->statement.bytes, FACTS_TIMEOUT, now);
}

/* Facts have a time of their own: the node has answered, and how long it takes to say
 * more is not what its timeout is about. */
static void ask_facts(struct probe *probe, nsec now)
{
    probe_set_deadline(probe, FACTS_TIMEOUT, now);
    send_statement(probe, FACTS_WHOLE, now);
}

/* What is to be left out because of this failure; FACTS_WHOLE: that would not help, or
 * there is no time for it. */
static enum facts_gap gap_after(const struct probe *probe, struct pg_conn *conn,
                                nsec now)
{
    const char *sqlstate = pg_conn_failure(conn)->sqlstate;
    if (probe->gap != FACTS_WHOLE || pg_conn_state(conn) != PG_READY ||
        now >= probe->deadline)
        return FACTS_WHOLE;
    if (strcmp(sqlstate, "42501") == 0)
        return FACTS_REFUSED;
    return strcmp(sqlstate, "42883") == 0 ? FACTS_LACKING : FACTS_WHOLE;
}

/* The node is fine; what else is to be known of it? */
void probe_go_on(struct probe *probe, nsec now)
{
    bool told = verdict_told_role(&probe->result, claim_conn(&probe->claim),
                                  probe->node->options.identity.via_pooler);
    bool wanted = probe->plan.facts != PGCENSUS_FACTS_NONE;
    if (probe->node->options.identity.simple) {
        end_well(probe, now);
        return;
    }
    if (wanted && probe->result.server_version_num >= FACTS_SINCE) {
        ask_facts(probe, now);
        return;
    }
    if (wanted)
        verdict_no_facts(&probe->result, "the server is older than 10");
    if (told)
        end_well(probe, now);
    else
        ask_role(probe, now);
}

/* Later news than what came with the login: the node may have been promoted since. */
static bool take_facts(struct probe *probe, const struct rowset *rows, nsec now)
{
    const struct facts_moment moment = {probe->sent, now, clock_wall()};
    bool standby, read_only;
    const char *why;
    struct pgcensus_facts *facts =
        facts_read(probe->plan.facts, probe->gap, rows ? &rows->rows : NULL, &moment,
                   &standby, &read_only, &why);
    if (!facts) {
        verdict_no_facts(&probe->result, why);
        return false;
    }
    free(probe->facts);
    probe->facts = facts;
    probe->result.facts = facts;
    verdict_role(&probe->result, standby, read_only);
    return true;
}

void probe_step_facts(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->claim);
    if (pg_conn_state(conn) == PG_BUSY)
        return;
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    bool known = false, failed = pg_conn_failed(conn);
    enum facts_gap gap = failed ? gap_after(probe, conn, now) : FACTS_WHOLE;
    if (gap != FACTS_WHOLE) {
        send_statement(probe, gap, now);
        return;
    }
    if (failed)
        verdict_no_facts(&probe->result, pg_conn_failure(conn)->message);
    else
        known = take_facts(probe, rows, now);
    if (known || probe->result.role || pg_conn_state(conn) != PG_READY)
        end_well(probe, now);
    else
        ask_role(probe, now);
}

/* The node has answered; that its role cannot be learnt does not make it worse. */
void probe_step_role(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->claim);
    if (pg_conn_state(conn) == PG_BUSY)
        return;
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    if (!pg_conn_failed(conn))
        verdict_asked_role(&probe->result, rows);
    end_well(probe, now);
}
