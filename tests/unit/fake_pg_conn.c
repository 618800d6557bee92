#include "fake_pg_conn.h"

#include "base/memory.h"
#include "base/text.h"
#include "pg/failure.h"

#include <assert.h>
#include <string.h>

struct fake_plan fake_plan;
struct list fake_conns;
unsigned fake_opened;
static unsigned serials;

void fake_reset(void)
{
    list_init(&fake_conns);
    fake_opened = serials = 0;
    fake_plan = (struct fake_plan){0};
}

void fake_say_goodbye(struct pg_conn *conn)
{
    conn->goodbye = true;
    loop_wake(conn->task);
}

void pg_env_init(struct pg_env *env, struct resolver *resolver, struct workers *workers,
                 const struct secrets *secrets)
{
    *env =
        (struct pg_env){.resolver = resolver, .workers = workers, .secrets = secrets};
}

struct pg_conn *pg_conn_new(const struct pg_env *env, const struct pg_target *target,
                            struct task *task)
{
    struct pg_conn *conn = memory_new(struct pg_conn);
    if (!conn)
        return NULL;
    conn->task = task;
    conn->target = target;
    conn->wants = (struct pg_wants){.fd = -1, .deadline = NEVER};
    conn->timing = (struct pg_timing){PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME,
                                      PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME,
                                      PGCENSUS_UNKNOWN_TIME, 0};
    conn->serial = ++serials;
    list_push_back(&fake_conns, &conn->node);
    return conn;
}

void pg_conn_free(struct pg_conn *conn)
{
    if (!conn)
        return;
    list_remove(&fake_conns, &conn->node);
    rowset_free(conn->rows);
    pgcensus_notices_fini(&conn->notices);
    free(conn);
}

static enum pg_conn_state state_of(enum pgcensus_phase phase)
{
    if (phase == PGCENSUS_PHASE_RESOLVE)
        return PG_RESOLVING;
    if (phase == PGCENSUS_PHASE_TLS)
        return PG_TLS;
    return phase == PGCENSUS_PHASE_AUTH ? PG_AUTH : PG_TCP;
}

static void begin(struct pg_conn *conn, struct fake_fate fate, nsec now, nsec deadline)
{
    conn->fate = fate;
    conn->began = now;
    conn->due = clock_add(clock_add(now, fate.queued), fate.after);
    conn->deadline = deadline;
    conn->failure = (struct pgcensus_failure){0};
    conn->wants.deadline = conn->due < deadline ? conn->due : deadline;
}

void pg_conn_open(struct pg_conn *conn, nsec now, nsec deadline, bool bare)
{
    assert(conn->state == PG_CLOSED);
    struct fake_fate fine = {.after = NSEC_PER_MSEC};
    begin(conn, fake_plan.open ? fake_plan.open(conn->target) : fine, now, deadline);
    conn->state = state_of(conn->fate.phase);
    conn->timing.queued = conn->fate.queued;
    fake_opened++;
}

void pg_conn_send(struct pg_conn *conn, const struct pg_statement *statement, nsec now,
                  nsec deadline)
{
    assert(conn->state == PG_READY);
    struct fake_fate fine = {.after = NSEC_PER_MSEC};
    begin(conn,
          fake_plan.answer ? fake_plan.answer(conn->target, statement->sql) : fine, now,
          deadline);
    conn->state = PG_BUSY;
    conn->begins = strstr(statement->sql, "BEGIN");
    conn->ends = !strncmp(statement->sql, "ROLLBACK", 8);
    conn->asks_role = strstr(statement->sql, "pg_is_in_recovery");
    conn->patience = statement->patience;
    conn->extended = statement->extended;
    conn->budget = statement->budget;
    rowset_free(take_ptr(conn->rows));
    pgcensus_notices_fini(&conn->notices);
    if (statement->of_user && conn->fate.warning)
        notices_add(&conn->notices, "WARNING", "01000", conn->fate.warning, NULL);
}

static void finish(struct pg_conn *conn, enum pg_conn_state state)
{
    conn->state = state;
    conn->wants.deadline = NEVER;
}

static void fail(struct pg_conn *conn, enum pgcensus_class error_class,
                 enum pgcensus_phase phase)
{
    const char *name = pgcensus_class_name(error_class);
    pg_failure_set(&conn->failure, error_class, phase, "", NULL, "fake %s", name);
    if (conn->begins || conn->transaction != PG_TRANSACTION_NONE)
        conn->transaction = PG_TRANSACTION_FAILED;
    finish(conn, error_class == PGCENSUS_CLASS_QUERY ? PG_READY : PG_BROKEN);
}

static struct rowset *answer(const struct pg_conn *conn)
{
    struct rowset *rows = rowset_new();
    bool role = conn->asks_role;
    size_t n = role ? 2 : 1;
    rowset_begin(rows, n);
    for (size_t i = 0; i < n; i++)
        rowset_name(rows, i, "c", PGCENSUS_TYPE_TEXT);
    bool many = conn->extended && fake_plan.rows;
    size_t n_rows = many ? fake_plan.rows(conn->target) : 1, before = rows->bytes;
    for (size_t row = 0; row < n_rows; row++) {
        rowset_add_row(rows);
        for (size_t i = 0; i < n; i++)
            rowset_set_str(rows, i,
                           role           ? conn->server.role_cells[i]
                           : conn->begins ? "on"
                                          : "1");
    }
    if (conn->budget) {
        conn->budget->rows -= (int64_t)n_rows;
        conn->budget->bytes -= (int64_t)(rows->bytes - before);
    }
    text_copy(rows->rows.command, sizeof rows->rows.command, "SELECT 1");
    return rows;
}

static void come_true(struct pg_conn *conn)
{
    if (conn->fate.error_class != PGCENSUS_CLASS_NONE) {
        fail(conn, conn->fate.error_class, conn->fate.phase);
    } else if (conn->state == PG_BUSY) {
        conn->rows = conn->fate.empty ? NULL : answer(conn);
        conn->timing.query = conn->fate.after;
        if (conn->begins || conn->ends)
            conn->transaction =
                conn->begins ? PG_TRANSACTION_OPEN : PG_TRANSACTION_NONE;
        finish(conn, PG_READY);
    } else {
        conn->server =
            (struct fake_server){.server_version = "15.20", .version = 150020};
        if (fake_plan.server)
            conn->server = fake_plan.server(conn->target);
        conn->timing.tcp = conn->fate.after / 2;
        conn->timing.auth = conn->fate.after - conn->timing.tcp;
        finish(conn, PG_READY);
    }
}

static bool is_queued(const struct pg_conn *conn, nsec now)
{
    return conn->state == PG_RESOLVING &&
           now < clock_add(conn->began, conn->fate.queued);
}

/* Or starved, or only queued for a while. */
static void run_out_of_time(struct pg_conn *conn, nsec now)
{
    nsec late = clock_add(conn->deadline, conn->fate.queued);
    if (is_queued(conn, now)) {
        conn->timing.queued = now - conn->began;
        fail(conn, PGCENSUS_CLASS_LOCAL, PGCENSUS_PHASE_RESOLVE);
    } else if (now >= late)
        fail(conn, PGCENSUS_CLASS_TIMEOUT, pg_conn_phase(conn));
    else
        conn->wants.deadline = conn->due < late ? conn->due : late;
}

enum pg_conn_state pg_conn_step(struct pg_conn *conn, short revents, nsec now)
{
    bool waits =
        conn->state != PG_CLOSED && conn->state != PG_READY && conn->state != PG_BROKEN;
    if (conn->goodbye && (waits || conn->state == PG_READY))
        fail(conn, PGCENSUS_CLASS_LOST, pg_conn_phase(conn));
    else if (waits && now >= conn->due)
        come_true(conn);
    else if (waits && now >= conn->deadline)
        run_out_of_time(conn, now);
    return conn->state;
}

enum pg_conn_state pg_conn_state(const struct pg_conn *conn)
{
    return conn->state;
}

const struct pg_wants *pg_conn_wants(const struct pg_conn *conn)
{
    return &conn->wants;
}

struct rowset *pg_conn_take_rows(struct pg_conn *conn)
{
    return take_ptr(conn->rows);
}

struct pgcensus_notices pg_conn_take_notices(struct pg_conn *conn)
{
    struct pgcensus_notices notices = conn->notices;
    conn->notices = (struct pgcensus_notices){0};
    return notices;
}

bool pg_conn_has_rows(const struct pg_conn *conn)
{
    return conn->state != PG_BUSY && conn->rows && conn->rows->rows.n_rows > 0;
}

bool pg_conn_is_full(const struct pg_conn *conn)
{
    return false;
}

bool pg_conn_owes(const struct pg_conn *conn)
{
    return false;
}

struct rowset *pg_conn_rows(const struct pg_conn *conn)
{
    return conn->rows;
}

void pg_conn_drop_rest(struct pg_conn *conn, const char *why)
{
}

const struct pgcensus_failure *pg_conn_failure(const struct pg_conn *conn)
{
    return &conn->failure;
}

bool pg_conn_is_clean(const struct pg_conn *conn)
{
    return conn->state == PG_READY && !conn->dirty &&
           conn->transaction == PG_TRANSACTION_NONE;
}

enum pg_transaction pg_conn_transaction(const struct pg_conn *conn)
{
    return conn->state == PG_READY ? conn->transaction : PG_TRANSACTION_UNKNOWN;
}

bool pg_conn_failed(const struct pg_conn *conn)
{
    return conn->failure.error_class != PGCENSUS_CLASS_NONE;
}

enum pgcensus_phase pg_conn_phase(const struct pg_conn *conn)
{
    switch (conn->state) {
    case PG_RESOLVING:
        return PGCENSUS_PHASE_RESOLVE;
    case PG_TLS:
        return PGCENSUS_PHASE_TLS;
    case PG_AUTH:
        return PGCENSUS_PHASE_AUTH;
    case PG_BUSY:
    case PG_READY:
        return PGCENSUS_PHASE_QUERY;
    case PG_CLOSED:
    case PG_TCP:
    case PG_BROKEN:
        break;
    }
    return PGCENSUS_PHASE_CONNECT;
}

nsec pg_conn_queued(const struct pg_conn *conn, nsec now, bool *ret_waits)
{
    *ret_waits = is_queued(conn, now);
    return *ret_waits ? now - conn->began : conn->timing.queued;
}

bool pg_conn_starved(const struct pg_conn *conn)
{
    return conn->state == PG_BROKEN && conn->fate.queued > 0 &&
           conn->failure.error_class == PGCENSUS_CLASS_LOCAL;
}

const struct pg_timing *pg_conn_timing(const struct pg_conn *conn)
{
    return &conn->timing;
}

const char *pg_conn_address(const struct pg_conn *conn)
{
    return "192.0.2.1";
}

void pg_conn_transport(const struct pg_conn *conn,
                       struct pgcensus_transport *ret_transport)
{
    *ret_transport = (struct pgcensus_transport){.known = true};
}

const char *pg_conn_parameter(const struct pg_conn *conn, const char *name)
{
    if (!strcmp(name, "in_hot_standby"))
        return conn->server.in_hot_standby;
    if (!strcmp(name, "default_transaction_read_only"))
        return conn->server.default_transaction_read_only;
    if (!strcmp(name, "is_superuser"))
        return conn->server.is_superuser;
    return !strcmp(name, "server_version") ? conn->server.server_version : NULL;
}

int pg_conn_server_version(const struct pg_conn *conn)
{
    return conn->server.version;
}

bool pg_conn_was_refused(const struct pg_conn *conn)
{
    return false;
}

int pg_conn_backend_pid(const struct pg_conn *conn)
{
    return (int)conn->serial;
}

bool pg_conn_asked_md5(const struct pg_conn *conn)
{
    return false;
}
