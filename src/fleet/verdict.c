/* What was learnt, written down: facts as they come, then one of two ends.
 *
 * Everything that a server said passes through text_copy_safe() here, so that a result
 * can be printed by anybody. */
#include "fleet/verdict.h"

#include "base/text.h"
#include "pg/failure.h"

#include <stdio.h>
#include <string.h>

void verdict_blank(struct pgcensus_node_result *ret_result, size_t index)
{
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    *ret_result = (struct pgcensus_node_result){
        .index = index,
        .read_only = -1,
        .latency = {none, none, none, none, none, none, 0},
        .lag = {-1, -1, none, none, NULL, SIZE_MAX},
    };
}

/* ---- facts ---- */

static bool is_on(const char *value)
{
    return value && (!strcmp(value, "on") || !strcmp(value, "t"));
}

static bool is_off(const char *value)
{
    return value && (!strcmp(value, "off") || !strcmp(value, "f"));
}

void verdict_role(struct pgcensus_node_result *result, bool standby, bool read_only)
{
    result->role = standby ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY;
    result->read_only = standby || read_only;
}

/* "15.20 (Debian 15.20-0+deb12u1)": the first word, made safe. */
static void set_version(struct pgcensus_node_result *result, const char *version)
{
    if (version)
        text_copy_safe(result->server_version, sizeof result->server_version, version,
                       strcspn(version, " "));
}

void verdict_login(struct pgcensus_node_result *result, const struct pg_conn *conn)
{
    result->server_version_num = pg_conn_server_version(conn);
    set_version(result, pg_conn_parameter(conn, "server_version"));
    pg_conn_transport(conn, &result->transport);
    result->superuser = is_on(pg_conn_parameter(conn, "is_superuser"));
    result->md5_login = pg_conn_asked_md5(conn);
}

/* Reported since version 14, and again whenever it changes.  A pooler reports what some
 * server said at some time, which is not who answers us now. */
bool verdict_told_role(struct pgcensus_node_result *result, const struct pg_conn *conn,
                       bool via_pooler)
{
    const char *standby = pg_conn_parameter(conn, "in_hot_standby");
    const char *read_only = pg_conn_parameter(conn, "default_transaction_read_only");
    bool told =
        (is_on(standby) || is_off(standby)) && (is_on(read_only) || is_off(read_only));
    if (!told || via_pooler)
        return false;
    verdict_role(result, is_on(standby), is_on(read_only));
    return true;
}

void verdict_asked_role(struct pgcensus_node_result *result, const struct rowset *rows)
{
    if (!rows || rows->rows.n_rows != 1 || rows->rows.n_columns != 2)
        return;
    const char *standby = rows->cells[0].text, *read_only = rows->cells[1].text;
    if ((is_on(standby) || is_off(standby)) && (is_on(read_only) || is_off(read_only)))
        verdict_role(result, is_on(standby), is_on(read_only));
}

void verdict_no_facts(struct pgcensus_node_result *result, const char *reason)
{
    text_copy_safe(result->facts_reason, sizeof result->facts_reason, reason,
                   strlen(reason));
}

/* ---- ends ---- */

static struct pgcensus_reason *add_reason(struct pgcensus_node_result *result,
                                          const char *code)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    text_copy(reason->code, sizeof reason->code, code);
    return reason;
}

static void judge_role(struct pgcensus_node_result *result,
                       const struct node_options *options)
{
    enum pgcensus_role expected = options->identity.expect_role;
    if (expected == PGCENSUS_ROLE_UNKNOWN || expected == result->role)
        return;

    const char *is = pgcensus_role_name(result->role);
    const char *should = pgcensus_role_name(expected);
    struct pgcensus_reason *reason = add_reason(result, "role");
    text_copy(reason->limit, sizeof reason->limit, should);
    if (is) {
        text_copy(reason->value, sizeof reason->value, is);
        snprintf(reason->message, sizeof reason->message, "is %s, expected %s", is,
                 should);
        result->status = options->probe.role_status;
    } else {
        snprintf(reason->message, sizeof reason->message,
                 "role could not be learnt, expected %s", should);
        result->status = PGCENSUS_WARN;
    }
}

void verdict_answered(struct pgcensus_node_result *result,
                      const struct node_options *options)
{
    result->status = PGCENSUS_OK;
    judge_role(result, options);
}

/* Our own troubles and our own orders are no verdict on a node. */
static enum pgcensus_status status_of(enum pgcensus_class error_class)
{
    bool ours = error_class == PGCENSUS_CLASS_LOCAL ||
                error_class == PGCENSUS_CLASS_CANCELLED ||
                error_class == PGCENSUS_CLASS_INTERNAL;
    return ours ? PGCENSUS_UNKNOWN : PGCENSUS_DOWN;
}

void verdict_failed(struct pgcensus_node_result *result,
                    const struct pgcensus_failure *failure)
{
    result->failed = true;
    result->failure = *failure;
    result->status = status_of(failure->error_class);
    result->n_reasons = 0;
    struct pgcensus_reason *reason =
        add_reason(result, pgcensus_class_name(failure->error_class));
    text_copy(reason->message, sizeof reason->message, failure->message);
}

void verdict_cancelled(struct pgcensus_node_result *result,
                       enum pgcensus_class error_class, const char *reason)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, error_class, PGCENSUS_PHASE_NONE, "", NULL, "%s", reason);
    verdict_failed(result, &failure);
}
