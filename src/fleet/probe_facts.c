/* What a node that has answered is asked beyond: its facts, and its role if nobody has
 * told it by then.  Neither can make the node worse than it is.
 *
 * A refusal of one part is in the answer.  A server that refuses the whole statement
 * writes an ERROR with all of it into its log, so there are at most two of these in a
 * check, and what was refused is not tried again for an hour by this process. */
#include "base/clock.h"
#include "base/text.h"
#include "fleet/facts.h"
#include "fleet/probe_private.h"
#include "fleet/verdict.h"

#include <stdlib.h>
#include <string.h>

/* Facts are more work for a server than SELECT 1, and a node whose facts are late is
 * none the worse for it. */
#define FACTS_TIMEOUT (5 * NSEC_PER_SEC)

/* Privileges are granted and servers upgraded. */
#define MEMORY (3600 * NSEC_PER_SEC)

static void end_well(struct probe *probe, nsec now)
{
    verdict_answered(&probe->result, &probe->node->options);
    probe_end(probe, now);
}

static void ask_role(struct probe *probe, nsec now)
{
    probe_send(probe, PROBE_ROLE, attempt_statement(VERDICT_ROLE_SQL),
               probe->node->options.probe.timeout, now);
}

static void end_or_ask_role(struct probe *probe, nsec now)
{
    if (probe->result.role ||
        pg_conn_state(claim_conn(&probe->attempt.claim)) != PG_READY)
        end_well(probe, now);
    else
        ask_role(probe, now);
}

/* ---- which way ---- */

static void send_statement(struct probe *probe, nsec now)
{
    buf_clear(&probe->statement);
    facts_statement(probe->facts_level, probe->result.server_version_num, probe->way,
                    &probe->statement);
    if (probe->statement.broken) {
        verdict_no_facts(&probe->result, "out of memory");
        end_well(probe, now);
        return;
    }
    probe_send(probe, PROBE_FACTS, attempt_statement(probe->statement.bytes),
               FACTS_TIMEOUT, now);
}

/* Facts have a time of their own: the node has answered, and how long it takes to say
 * more is not what its timeout is about. */
static void ask_facts(struct probe *probe, nsec now)
{
    struct facts_memory *memory = &probe->node->facts;
    if (now >= memory->until)
        memory->way = FACTS_BY_PARTS;
    probe->way = memory->way;
    if (probe->way == FACTS_NO_WAY) {
        verdict_no_facts(&probe->result, memory->why ? memory->why : "refused before");
        end_or_ask_role(probe, now);
        return;
    }
    attempt_set_deadline(&probe->attempt, FACTS_TIMEOUT, now);
    send_statement(probe, now);
}

/* What the server has not, or not for us, as opposed to what went wrong today. */
static bool is_refusal(const char *sqlstate)
{
    return strncmp(sqlstate, "42", 2) == 0 || strncmp(sqlstate, "0A", 2) == 0 ||
           strncmp(sqlstate, "22", 2) == 0 || strcmp(sqlstate, "55000") == 0 ||
           strcmp(sqlstate, "08P01") == 0 || strcmp(sqlstate, "XX000") == 0;
}

/* A PostgreSQL whose PL/pgSQL was dropped or revoked; a server that does not know DO is
 * another one, which would not know the rest either. */
static bool is_without_plpgsql(const char *sqlstate)
{
    return strcmp(sqlstate, "42501") == 0 || strcmp(sqlstate, "42704") == 0;
}

static void remember(struct node *node, enum facts_way way, const char *why, nsec now)
{
    free(node->facts.why);
    node->facts = (struct facts_memory){way, clock_add(now, MEMORY), strdup(why)};
}

/* The answer is an error.  True: another way is tried. */
static bool take_refusal(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->attempt.claim);
    const struct pgcensus_failure *failure = pg_conn_failure(conn);
    if (!is_refusal(failure->sqlstate))
        return false;
    bool is_weaker =
        probe->way == FACTS_BY_PARTS && is_without_plpgsql(failure->sqlstate);
    enum facts_way way = is_weaker ? FACTS_AT_ONCE : FACTS_NO_WAY;
    remember(probe->node, way, failure->message, now);
    if (!is_weaker || pg_conn_state(conn) != PG_READY || now >= probe->attempt.deadline)
        return false;
    probe->way = way;
    send_statement(probe, now);
    return true;
}

/* ---- the steps ---- */

/* The node is fine; what else is to be known of it? */
void probe_go_on(struct probe *probe, nsec now)
{
    bool told = verdict_told_role(&probe->result, claim_conn(&probe->attempt.claim),
                                  probe->node->options.identity.via_pooler);
    bool wanted = probe->facts_level != PGCENSUS_FACTS_NONE;
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

static struct facts_role role_of(const struct pgcensus_node_result *result)
{
    bool is_known = result->role != PGCENSUS_ROLE_UNKNOWN;
    return (struct facts_role){is_known ? result->role == PGCENSUS_STANDBY : -1,
                               result->read_only};
}

/* Later news than what came with the login: the node may have been promoted since.
 * Time that the loop has given back has passed on the clock of the server. */
static bool take_facts(struct probe *probe, const struct rowset *rows)
{
    const struct facts_moment moment = {probe->sent, probe_clock(probe), clock_wall()};
    struct facts_role role = role_of(&probe->result);
    const char *why;
    struct pgcensus_facts *facts =
        facts_read(probe->facts_level, rows ? &rows->rows : NULL, &moment, &role, &why);
    if (!facts) {
        verdict_no_facts(&probe->result, why);
        return false;
    }
    free(probe->facts);
    probe->facts = facts;
    probe->result.facts = facts;
    if (role.standby >= 0)
        verdict_role(&probe->result, role.standby, role.read_only > 0);
    return true;
}

void probe_step_facts(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->attempt.claim);
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    if (!pg_conn_failed(conn)) {
        /* What refused to tell its role with the rest would refuse it again. */
        if (take_facts(probe, rows))
            end_well(probe, now);
        else
            end_or_ask_role(probe, now);
        return;
    }
    if (take_refusal(probe, now))
        return;
    verdict_no_facts(&probe->result, pg_conn_failure(conn)->message);
    end_or_ask_role(probe, now);
}

/* The node has answered; that its role cannot be learnt does not make it worse. */
void probe_step_role(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->attempt.claim);
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    if (!pg_conn_failed(conn))
        verdict_asked_role(&probe->result, rows);
    end_well(probe, now);
}
