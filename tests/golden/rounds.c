/* This file plays the fleet, and stops the clock: what reports ask of a fleet is
 * defined here.  Values of metrics come from the judge itself. */
#include "rounds.h"

#include "base/clock.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MOST = 1000 };

struct pgcensus_fleet {
    size_t n;
    struct pgcensus_identity identities[MOST];
    const struct pgcensus_identity *pointers[MOST];
    struct pgcensus_node_result results[MOST];
    const struct pgcensus_node_result *order[MOST];
    char names[MOST][16], hosts[MOST][16];
    struct pgcensus_limits limits[MOST][PGCENSUS_METRICS];
};

enum { STARTED = 1790865128 }; /* every round, wall clock */

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return fleet->n;
}

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    assert(index < fleet->n);
    return &fleet->identities[index];
}

const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *fleet,
                                                    size_t index,
                                                    enum pgcensus_metric metric)
{
    assert(index < fleet->n);
    return &fleet->limits[index][metric];
}

/* By which the judge says when a certificate ends. */
nsec __wrap_clock_wall(void);
nsec __wrap_clock_wall(void)
{
    return STARTED * NSEC_PER_SEC;
}

const struct pgcensus_identity *const *
identities_of(const struct check_document *document, size_t *ret_n)
{
    *ret_n = document->fleet->n;
    return document->fleet->pointers;
}

/* ---- making nodes ---- */

static struct pgcensus_node_result *add_node(struct pgcensus_fleet *fleet,
                                             const char *name, const char *host)
{
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    size_t index = fleet->n++;
    fleet->identities[index] = (struct pgcensus_identity){
        .name = name,
        .host = host,
        .port = 5432,
        .dbname = "postgres",
        .user = "pgcensus",
        .enabled = true,
    };
    struct pgcensus_node_result *result = &fleet->results[index];
    *result = (struct pgcensus_node_result){
        .index = index,
        .read_only = -1,
        .latency = {none, none, none, none, none, none},
        .lag = {-1, -1, none, none, NULL, SIZE_MAX},
    };
    fleet->pointers[index] = &fleet->identities[index];
    fleet->order[index] = result;
    return result;
}

static void answers(struct pgcensus_node_result *result, enum pgcensus_role role,
                    nsec login, nsec query)
{
    result->status = PGCENSUS_OK;
    result->role = role;
    result->read_only = role == PGCENSUS_STANDBY;
    strcpy(result->server_version, "15.20");
    result->server_version_num = 150020;
    result->attempted = true;
    result->attempts = 1;
    result->transport = (struct pgcensus_transport){
        .known = true,
        .tls = "TLSv1.3",
        .cipher = "TLS_AES_256_GCM_SHA384",
        .verified = "full",
    };
    result->latency = (struct pgcensus_latency){
        .resolve = 0,
        .tcp = login / 10,
        .tls = login * 3 / 10,
        .auth = login * 6 / 10,
        .query = query,
        .total = login + query,
    };
}

static void warns(struct pgcensus_node_result *result, const char *is,
                  const char *should)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    result->status = PGCENSUS_WARN;
    strcpy(reason->code, "role");
    snprintf(reason->message, sizeof reason->message, "is %s, expected %s", is, should);
    text_copy(reason->value, sizeof reason->value, is);
    text_copy(reason->limit, sizeof reason->limit, should);
}

static void fails(struct pgcensus_node_result *result, enum pgcensus_status status,
                  enum pgcensus_class error_class, enum pgcensus_phase phase,
                  const char *message)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    result->status = status;
    result->failed = true;
    result->failure.error_class = error_class;
    result->failure.phase = phase;
    result->failure.retryable = error_class != PGCENSUS_CLASS_AUTH;
    text_copy(result->failure.message, sizeof result->failure.message, message);
    strcpy(reason->code, pgcensus_class_name(error_class));
    text_copy(reason->message, sizeof reason->message, message);
}

static void is_down(struct pgcensus_node_result *result,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    nsec total, const char *message)
{
    fails(result, PGCENSUS_DOWN, error_class, phase, message);
    result->attempted = true;
    result->attempts = 1;
    result->latency.total = total;
}

static struct check_document finish(const struct pgcensus_fleet *fleet, nsec elapsed)
{
    struct check_document document = {
        .fleet = fleet,
        .config_path = "/etc/pgcensus/config.yaml",
        .started_wall = STARTED * NSEC_PER_SEC + 114 * NSEC_PER_MSEC,
        .elapsed = elapsed,
        .results = fleet->order,
        .n_results = fleet->n,
    };
    check_summarize(document.results, document.n_results, &document.summary,
                    &document.status);
    document.exit_code = document.summary.down ? 2 : document.summary.warn ? 1 : 0;
    document.verdict_code = document.exit_code;
    return document;
}

/* ---- the rounds ---- */

#define MSEC(n) ((nsec)((n)*1e6))

struct check_document round_of_five(void)
{
    static struct pgcensus_fleet fleet;
    static const struct pgcensus_label labels[] = {{"dc", "fra"}, {"tier", "gold"}};
    fleet.n = 0;

    answers(add_node(&fleet, "pg-ams1", "10.1.0.11"), PGCENSUS_PRIMARY, MSEC(1.2),
            MSEC(0.6));
    answers(add_node(&fleet, "pg-ams2", "10.1.0.12"), PGCENSUS_STANDBY, MSEC(1.4),
            MSEC(0.7));
    struct pgcensus_node_result *fra1 = add_node(&fleet, "pg-fra1", "10.2.0.11");
    answers(fra1, PGCENSUS_STANDBY, MSEC(8.8), MSEC(0.94));
    warns(fra1, "standby", "primary");
    struct pgcensus_node_result *fra2 = add_node(&fleet, "pg-fra2", "10.2.0.12");
    is_down(fra2, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT, MSEC(0.2),
            "connection refused (10.2.0.12:5432)");
    answers(add_node(&fleet, "pg-lon1", "10.3.0.11"), PGCENSUS_STANDBY, MSEC(13.1),
            MSEC(0.9));
    for (size_t i = 0; i < fleet.n; i++) {
        strcpy(fleet.results[i].hostaddr, fleet.identities[i].host);
        fleet.identities[i].group = "orders";
    }
    fleet.identities[2].labels = labels;
    fleet.identities[2].n_labels = 2;
    return finish(&fleet, MSEC(211.4));
}

struct check_document round_of_odd_ones(void)
{
    static struct pgcensus_fleet fleet;
    static const struct pgcensus_label label = {"no\"te", "\xff\xe2\x80\xae"};
    struct pgcensus_node_result *result;
    fleet.n = 0;

    result = add_node(&fleet, "socket", "/var/run/postgresql");
    answers(result, PGCENSUS_PRIMARY, MSEC(0.08), MSEC(0.031));
    result->transport = (struct pgcensus_transport){.known = true, .unix_socket = true};
    result->attempts = 2;

    result = add_node(&fleet, "six", "db6.example.com");
    strcpy(result->hostaddr, "2001:db8::17");
    answers(result, PGCENSUS_ROLE_UNKNOWN, MSEC(998.6), MSEC(234.5));
    result->read_only = -1;
    strcpy(result->server_version, "18beta1 (Debian 18~beta1-1)");
    result->server_version_num = 180000;
    result->transport.verified = "none";

    fleet.identities[fleet.n - 1].group = "Bücher";
    add_node(&fleet, "off", "10.9.9.9")->status = PGCENSUS_DISABLED;
    fleet.identities[fleet.n - 1].enabled = false;

    result = add_node(&fleet, "interrupted", "10.9.9.10");
    fails(result, PGCENSUS_UNKNOWN, PGCENSUS_CLASS_CANCELLED, PGCENSUS_PHASE_NONE,
          "interrupted");

    result = add_node(&fleet, "hostile", "\x1b]0;owned\x07");
    is_down(result, PGCENSUS_CLASS_DNS, PGCENSUS_PHASE_RESOLVE, MSEC(5001),
            "name not known: \x1b]0;owned\x07, said \"\xe2\x80\xaeNS\"\n\xff");
    fleet.identities[fleet.n - 1].labels = &label;
    fleet.identities[fleet.n - 1].n_labels = 1;

    result =
        add_node(&fleet, "a-name-that-somebody-thought-was-a-good-idea-at-the-time",
                 "a-host.in-a-domain.of-a-department.of-a-company.example.com");
    is_down(result, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, MSEC(12.25),
            "FATAL: password authentication failed for user \"pgcensus\"");
    strcpy(result->failure.sqlstate, "28P01");
    result->latency.tcp = MSEC(0.4);
    result->transport.known = true;
    return finish(&fleet, MSEC(5003));
}

struct check_document round_of_a_thousand(void)
{
    static struct pgcensus_fleet fleet;
    fleet.n = 0;

    for (unsigned i = 0; i < MOST; i++) {
        snprintf(fleet.names[i], sizeof fleet.names[i], "pg-%04u", i + 1);
        snprintf(fleet.hosts[i], sizeof fleet.hosts[i], "10.0.%u.%u", i / 200, i % 200);
        struct pgcensus_node_result *result =
            add_node(&fleet, fleet.names[i], fleet.hosts[i]);
        char message[80];
        if (i >= 411 && i < 448) {
            snprintf(message, sizeof message, "connection refused (%s:5432)",
                     fleet.hosts[i]);
            is_down(result, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT, MSEC(0.3),
                    message);
        } else if (i % 97 == 5 && i < 800) {
            snprintf(message, sizeof message, "FATAL: role \"u%u\" does not exist", i);
            is_down(result, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, MSEC(4), message);
        } else if (i == 989) {
            is_down(result, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_CONNECT, MSEC(3000),
                    "timeout after 3 s (connect)");
        } else {
            answers(result, i % 3 ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY,
                    MSEC(1.5 + i % 50 * 0.25), MSEC(0.5));
        }
        if (i == 216)
            warns(result, "primary", "standby");
    }
    return finish(&fleet, MSEC(3012));
}

struct check_document round_of_eighty_problems(void)
{
    static struct pgcensus_fleet fleet;
    fleet.n = 0;

    for (unsigned i = 0; i < 80; i++) {
        char message[80];
        snprintf(fleet.names[i], sizeof fleet.names[i], "db%u", i);
        struct pgcensus_node_result *result =
            add_node(&fleet, fleet.names[i], "10.0.0.1");
        answers(result, PGCENSUS_PRIMARY, MSEC(1), MSEC(1));
        snprintf(message, sizeof message, "primary number %u", i);
        warns(result, message, "standby");
        snprintf(result->reasons[0].code, sizeof result->reasons[0].code, "role%u",
                 i / 10);
    }
    return finish(&fleet, MSEC(20));
}

struct check_document round_without_problems(void)
{
    static struct pgcensus_fleet fleet;
    fleet.n = 0;

    answers(add_node(&fleet, "pg-1", "10.1.0.11"), PGCENSUS_PRIMARY, MSEC(1.2),
            MSEC(0.6));
    answers(add_node(&fleet, "pg-2", "10.1.0.12"), PGCENSUS_STANDBY, MSEC(99.96),
            MSEC(0.04));
    add_node(&fleet, "pg-3", "10.1.0.13")->status = PGCENSUS_DISABLED;
    fleet.identities[2].enabled = false;
    return finish(&fleet, MSEC(104));
}

/* ---- what monitors get ---- */

/* They would end a label, a line, a value, the text; or obey. */
#define HOSTILE "\"|\\\n'=\x1b[31m\xff"

/* As a server tells it that knows nothing of copies on standbys. */
#define SLOT_15(name, type, active, retained, wal_status)                              \
    {                                                                                  \
        name, type, active, retained, wal_status, -1, -1, -1, "", 0                    \
    }

static const struct pgcensus_facts *facts_of_a_primary(void)
{
    static const struct pgcensus_sender senders[] = {
        {"walreceiver", "10.0.0.12", "streaming", "standby_2"}};
    static const struct pgcensus_slot slots[] = {
        SLOT_15("standby_2", "physical", true, 33554432, "reserved"),
        SLOT_15("said \"twice\"", "logical", false, 0, "reserved"),
        SLOT_15("said \"twice\"", "logical", false, 16, "reserved"),
        SLOT_15("lost", "physical", false, -1, "lost"),
        SLOT_15(HOSTILE, "logical", false, 4096, "extended"),
    };
    static const struct pgcensus_facts facts = {
        .level = PGCENSUS_FACTS_FULL,
        .timeline = 3,
        .started_at = (STARTED - 86400) * NSEC_PER_SEC,
        .uptime = 86400 * NSEC_PER_SEC,
        .connections_used = 93,
        .connections_least = 93,
        .connections_max = 100,
        .connections_reserved = 3,
        .clock_known = true,
        .clock_offset = -1250 * NSEC_PER_USEC,
        .wal = UINT64_C(0x2a00000000) + 60,
        .n_slots = ARRAY_SIZE(slots),
        .slots = slots,
        .n_senders = 1,
        .senders = senders,
    };
    return &facts;
}

static const struct pgcensus_facts *facts_of_a_standby(void)
{
    static const struct pgcensus_facts facts = {
        .level = PGCENSUS_FACTS_BASIC,
        .timeline = 3,
        .uptime = 12 * NSEC_PER_SEC,
        .connections_used = 0,
        .connections_max = 100,
        .connections_reserved = -1,
        .received = UINT64_C(0x2a00000000),
        .apply_delay = 0,
        .replayed = UINT64_C(0x29ff000000),
        .n_slots = -1,
        .n_senders = -1,
    };
    return &facts;
}

/* Of a role that may see nothing. */
static const struct pgcensus_facts *hidden_facts(void)
{
    static const struct pgcensus_missing missing[] = {
        {PGCENSUS_PART_CONNECTIONS, "42501",
         "permission denied for view pg_stat_activity"}};
    static const struct pgcensus_facts facts = {
        .level = PGCENSUS_FACTS_FULL,
        .uptime = PGCENSUS_UNKNOWN_TIME,
        .connections_used = -1,
        .connections_least = -1,
        .connections_max = -1,
        .connections_reserved = -1,
        .n_slots = -1,
        .n_senders = -1,
        .n_missing = ARRAY_SIZE(missing),
        .missing = missing,
        .hidden = "connections: permission denied for view pg_stat_activity",
    };
    return &facts;
}

static void exceeds(struct pgcensus_node_result *result, const char *code,
                    const char *message)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    result->status = PGCENSUS_WARN;
    strcpy(reason->code, code);
    text_copy(reason->message, sizeof reason->message, message);
}

static void add_shop(struct pgcensus_fleet *fleet)
{
    const struct pgcensus_range latency = {true, false, 0, MSEC(200)};
    const struct pgcensus_range lag = {true, false, -INFINITY, 16777216};
    const struct pgcensus_range inside = {true, true, 95, 100};
    const struct pgcensus_range days = {true, false, 14.0 * 86400e9, INFINITY};
    struct pgcensus_node_result *result;

    result = add_node(fleet, "shop-1", "10.1.0.11");
    answers(result, PGCENSUS_PRIMARY, MSEC(4.4), MSEC(1));
    result->facts = facts_of_a_primary();
    result->transport.cert_expires_at = (STARTED - 3600) * NSEC_PER_SEC;
    exceeds(result, "connections", "95.9 % of connections used");
    exceeds(result, "cert_expiry", "the certificate ended 1 h ago");
    fleet->limits[0][PGCENSUS_METRIC_LATENCY].warn = latency;
    fleet->limits[0][PGCENSUS_METRIC_CONNECTIONS].critical = inside;
    fleet->limits[0][PGCENSUS_METRIC_CERT_EXPIRY].warn = days;

    result = add_node(fleet, "shop-2", "10.1.0.12");
    answers(result, PGCENSUS_STANDBY, MSEC(2), MSEC(0.5));
    result->facts = facts_of_a_standby();
    result->lag = (struct pgcensus_lag){60, 16777276, MSEC(2500), MSEC(3), NULL, 0};
    fleet->limits[1][PGCENSUS_METRIC_LAG_BYTES].critical = lag;

    result = add_node(fleet, "shop-3", "10.1.0.13");
    answers(result, PGCENSUS_STANDBY, MSEC(2), MSEC(0.5));
    result->facts = hidden_facts();
    result->lag.why = PGCENSUS_LAG_HIDDEN;
    result->lag.reason = "hidden";
    for (size_t i = 0; i < fleet->n; i++)
        fleet->identities[i].group = "shop";
}

/* The first check that it missed, and it had been well for an hour. */
static void may_miss_a_check(struct pgcensus_node_result *result)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    result->status = PGCENSUS_WARN;
    result->held = true;
    result->past = (struct pgcensus_past){
        .known = true,
        .state = PGCENSUS_HEALTHY,
        .since = (STARTED - 3600) * NSEC_PER_SEC,
        .failures = 1,
        .changes = 1,
    };
    *reason = (struct pgcensus_reason){"fall", "failed 1 time in a row, down after 3",
                                       "1", "3"};
}

static const struct pgcensus_verdict *verdict_on_groups(void)
{
    static const size_t primaries[] = {0}, standbys[] = {1, 2};
    static const struct pgcensus_reason few[] = {
        {"min_healthy", "2 healthy, required: 3", "2", "3"}};
    static const struct pgcensus_reason hostile[] = {
        {"no_primary", "no primary in " HOSTILE, "", ""}};
    static struct pgcensus_group_verdict groups[] = {
        {.group = "shop", PGCENSUS_DOWN, true, primaries, standbys, 1, 2, few, 1},
        {.group = HOSTILE, PGCENSUS_WARN, true, NULL, NULL, 0, 0, hostile, 1},
        {.group = NULL, PGCENSUS_UNKNOWN, false, NULL, NULL, 0, 0, NULL, 0},
    };
    static const struct pgcensus_verdict verdict = {groups, ARRAY_SIZE(groups)};
    return &verdict;
}

struct check_document round_for_monitors(void)
{
    static struct pgcensus_fleet fleet;
    struct pgcensus_node_result *result;
    fleet.n = 0;

    add_shop(&fleet);
    result = add_node(&fleet, "it's a = b", HOSTILE);
    is_down(result, PGCENSUS_CLASS_DNS, PGCENSUS_PHASE_RESOLVE, MSEC(5001),
            "no such name: " HOSTILE);
    fleet.identities[fleet.n - 1].group = HOSTILE;
    result = add_node(&fleet, "shaky", "10.1.0.14");
    is_down(result, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT, MSEC(0.5),
            "connection refused (10.1.0.14:5432)");
    may_miss_a_check(result);
    result = add_node(&fleet, "unasked", "10.9.9.10");
    fails(result, PGCENSUS_UNKNOWN, PGCENSUS_CLASS_CANCELLED, PGCENSUS_PHASE_NONE,
          "interrupted");
    add_node(&fleet, "off", "10.9.9.9")->status = PGCENSUS_DISABLED;
    fleet.identities[fleet.n - 1].enabled = false;

    struct check_document document = finish(&fleet, MSEC(5003));
    document.verdict = verdict_on_groups();
    return document;
}
