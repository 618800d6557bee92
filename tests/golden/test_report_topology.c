/* Trees of fixed rounds against what they are to look like.  This file plays the fleet;
 * the trees are made as always. */
#include "base/clock.h"
#include "base/text.h"
#include "golden.h"
#include "report/topology.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 16, MOST_SENDERS = 4 };

struct pgcensus_fleet {
    size_t n;
    struct pgcensus_identity identities[MOST];
    struct pgcensus_node_result results[MOST];
    const struct pgcensus_node_result *order[MOST];
    struct pgcensus_facts facts[MOST];
    struct pgcensus_sender senders[MOST][MOST_SENDERS];
};

static struct pgcensus_fleet fleet;

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *any,
                                                    size_t index)
{
    assert_true(index < any->n);
    return &any->identities[index];
}

AUTO_DEFINE(struct pgcensus_topology *, pgcensus_topology_free)

#define HOSTILE "\x1b[31m\xff\xe2\x80\xae|\""
#define ORDERS UINT64_C(7301234567890123456)
#define MSEC(n) ((nsec)((n)*1e6))

/* ---- making nodes ---- */

static struct pgcensus_node_result *add_node(const char *name, const char *group,
                                             const char *host)
{
    size_t i = fleet.n++;
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    fleet.identities[i] = (struct pgcensus_identity){
        .name = name, .group = group, .host = host, .port = 5432, .enabled = true};
    fleet.results[i] = (struct pgcensus_node_result){
        .index = i, .lag = {-1, -1, none, none, NULL, SIZE_MAX}};
    fleet.order[i] = &fleet.results[i];
    return &fleet.results[i];
}

static struct pgcensus_facts *answers(struct pgcensus_node_result *result,
                                      uint64_t cluster, const char *upstream)
{
    struct pgcensus_facts *facts = &fleet.facts[result->index];
    const char *host = fleet.identities[result->index].host;
    *facts = (struct pgcensus_facts){
        .system_identifier = cluster,
        .timeline = 3,
        .started_at = (nsec)result->index + 1,
        .senders = fleet.senders[result->index],
        .receiver = upstream && *upstream ? PGCENSUS_RECEIVER_STREAMING
                                          : PGCENSUS_RECEIVER_NONE,
        .upstream_port = 5432,
    };
    if (upstream)
        text_copy_safe(facts->upstream_host, sizeof facts->upstream_host, upstream,
                       strlen(upstream));
    result->status = PGCENSUS_OK;
    result->attempted = true;
    result->role = upstream ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY;
    result->facts = facts;
    if (*host != '/')
        text_copy(result->hostaddr, sizeof result->hostaddr, host);
    return facts;
}

static void is_behind(struct pgcensus_node_result *result, int64_t receive,
                      int64_t replay, nsec time)
{
    result->lag = (struct pgcensus_lag){receive, replay, time, MSEC(1), NULL, 0};
}

static void add_sender(const struct pgcensus_node_result *result,
                       const char *application, const char *address, const char *state)
{
    struct pgcensus_facts *facts = &fleet.facts[result->index];
    struct pgcensus_sender *sender = &fleet.senders[result->index][facts->n_senders++];
    *sender = (struct pgcensus_sender){.state = ""};
    text_copy_safe(sender->application, sizeof sender->application, application,
                   strlen(application));
    text_copy(sender->address, sizeof sender->address, address);
    text_copy(sender->state, sizeof sender->state, state);
}

static void has_reason(struct pgcensus_node_result *result, enum pgcensus_status status,
                       const char *code, const char *message)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    result->status = status;
    text_copy(reason->code, sizeof reason->code, code);
    text_copy(reason->message, sizeof reason->message, message);
}

static void fails(struct pgcensus_node_result *result, enum pgcensus_status status,
                  enum pgcensus_class error_class, const char *message)
{
    result->failed = true;
    result->attempted = status == PGCENSUS_DOWN;
    result->failure.error_class = error_class;
    text_copy(result->failure.message, sizeof result->failure.message, message);
    has_reason(result, status, pgcensus_class_name(error_class), message);
}

/* ---- rounds ---- */

static struct check_document finish(const struct pgcensus_verdict *verdict)
{
    struct check_document document = {
        .fleet = &fleet,
        .started_wall = INT64_C(1790865128) * NSEC_PER_SEC,
        .elapsed = MSEC(211.4),
        .lost = MSEC(3012),
        .results = fleet.order,
        .n_results = fleet.n,
        .verdict = verdict,
    };
    check_summarize(document.results, document.n_results, &document.summary,
                    &document.status);
    document.exit_code = document.summary.down ? 2 : 0;
    return document;
}

static void add_orders(void)
{
    struct pgcensus_node_result *result = add_node("pg-ams1", "orders", "10.1.0.11");
    answers(result, ORDERS, NULL);
    add_sender(result, "pg-ams2", "10.1.0.12", "streaming");
    add_sender(result, "walreceiver", "10.2.0.11", "streaming");
    add_sender(result, "pg_receivewal", "10.0.0.9", "streaming");
    add_sender(result, "walreceiver", "10.0.0.77", "catchup");

    result = add_node("pg-ams2", "orders", "10.1.0.12");
    answers(result, ORDERS, "10.1.0.11");
    is_behind(result, 0, 16777, MSEC(104));
    add_sender(result, "pg-lon1", "10.3.0.11", "streaming");
    add_sender(result, "lon-archive", "10.3.0.99", "backup");

    result = add_node("pg-lon1", "orders", "10.3.0.11");
    answers(result, ORDERS, "10.1.0.12");
    is_behind(result, 123, 456789012, MSEC(42300));
    has_reason(result, PGCENSUS_WARN, "lag_seconds",
               "lag_seconds 42.3s, warning 0:30s");
    add_sender(result, "", "", "");
    add_sender(result, "", "", "");

    result = add_node("pg-fra1", "orders", "10.2.0.11");
    answers(result, ORDERS, "10.1.0.11");
    is_behind(result, 0, 0, 0);
    fails(add_node("pg-fra2", "orders", "10.2.0.12"), PGCENSUS_DOWN,
          PGCENSUS_CLASS_REFUSED, "connection refused (10.2.0.12:5432)");
}

static const struct pgcensus_verdict *verdict_on_groups(void)
{
    static const size_t primaries[] = {0, 7}, standbys[] = {1, 2, 3};
    static const struct pgcensus_reason foreign[] = {
        {"system_identifier",
         "bills-1 belongs to another cluster (system identifier 99, the others': "
         "7301234567890123456)",
         "", ""}};
    static struct pgcensus_group_verdict groups[] = {
        {"orders", PGCENSUS_WARN, true, primaries, standbys, 2, 3, foreign, 1},
        {"reports", PGCENSUS_OK, true, NULL, NULL, 0, 0, NULL, 0},
    };
    static const struct pgcensus_verdict verdict = {groups, ARRAY_SIZE(groups)};
    return &verdict;
}

/* Who follows whom, and everything that can be in the way of knowing it. */
static struct check_document round_of_trees(void)
{
    fleet.n = 0;
    add_orders();
    struct pgcensus_node_result *result = add_node("pg-old", "orders", "10.4.0.11");
    answers(result, ORDERS, "")->timeline = 2;
    result->lag.why = PGCENSUS_LAG_OTHER_TIMELINE;
    result->lag.reason = "other_timeline";
    result = add_node("reports", "reports", "10.5.0.11");
    answers(result, ORDERS, "10.9.9.9");
    is_behind(result, 0, 8192, PGCENSUS_UNKNOWN_TIME);
    result->lag.why = PGCENSUS_LAG_NO_COMMIT_REPLAYED;
    result->lag.reason = "no_commit_replayed";

    result = add_node("bills-1", "orders", "10.6.0.11");
    answers(result, 99, NULL)->n_senders = -1;
    result = add_node("bills-vip", NULL, "10.6.0.1");
    *answers(result, 99, NULL) = fleet.facts[7];

    result = add_node("pooled", "orders", "10.7.0.11");
    fleet.identities[result->index].via_pooler = true;
    answers(result, ORDERS, NULL);
    add_node("off", "orders", "10.9.9.9")->status = PGCENSUS_DISABLED;
    fails(add_node("unasked", NULL, "10.9.9.10"), PGCENSUS_UNKNOWN,
          PGCENSUS_CLASS_CANCELLED, "interrupted");
    return finish(verdict_on_groups());
}

/* Names that are too long, a cascade that is too deep, and bytes that nobody wants. */
static struct check_document round_of_odd_trees(void)
{
    static const char *const names[] = {
        "p", "a", "b", "c", "a-name-that-somebody-thought-was-a-good-idea-at-the-time"};
    static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4",
                                        "10.0.0.5"};
    fleet.n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        answers(add_node(names[i],
                         i % 2 ? "B\xc3\xbc"
                                 "cher"
                               : HOSTILE,
                         hosts[i]),
                5, i ? hosts[i - 1] : NULL);
    add_sender(&fleet.results[2], HOSTILE, "2001:db8::17", "startup");
    add_sender(&fleet.results[2], "c", "10.0.0.4", "streaming");
    answers(add_node("socket", NULL, "/var/run/postgresql"), 5, HOSTILE);
    answers(add_node("six", NULL, "2001:db8::1"), 5, "2001:db8::9");
    struct pgcensus_node_result *result = add_node("unread", NULL, "10.0.0.8");
    answers(result, 5, NULL);
    result->facts = NULL;
    text_copy(result->facts_reason, sizeof result->facts_reason,
              "permission denied for " HOSTILE);
    answers(add_node("nobody", NULL, "10.0.0.9"), 0, NULL);
    return finish(NULL);
}

static struct check_document round_without_an_answer(void)
{
    fleet.n = 0;
    fails(add_node("pg-1", NULL, "10.0.0.1"), PGCENSUS_DOWN, PGCENSUS_CLASS_TIMEOUT,
          "timeout after 5 s (connect)");
    return finish(NULL);
}

/* ---- what they look like ---- */

static void assert_topology(const char *name, struct check_document check,
                            const char *format, struct look look)
{
    struct pgcensus_error error;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    AUTO(pgcensus_topology_free)
    struct pgcensus_topology *topology =
        pgcensus_topology_new(&fleet, fleet.order, fleet.n, &error);
    assert_non_null(topology);
    const struct topology_document document = {&check, topology};
    report_topology(&document, &(struct row_view){format_find(format), look}, &out);
    assert_golden(name, &out);
}

#define LOOK(...) ((struct look){.unicode = true, __VA_ARGS__})

static void trees_fit_their_width(void **state)
{
    assert_topology("topology-48.txt", round_of_trees(), "table", LOOK(.width = 48));
    assert_topology("topology-80.txt", round_of_trees(), "table", LOOK(.width = 80));
    assert_topology("topology-120.txt", round_of_trees(), "table", LOOK(.width = 120));
    assert_topology("topology-pipe.txt", round_of_trees(), "table", LOOK(.width = 0));
}

static void trees_without_unicode(void **state)
{
    const struct look ascii_48 = {.width = 48}, ascii_80 = {.width = 80};
    const struct look ascii_120 = {.width = 120};
    assert_topology("topology-ascii-48.txt", round_of_trees(), "table", ascii_48);
    assert_topology("topology-ascii-80.txt", round_of_trees(), "table", ascii_80);
    assert_topology("topology-ascii-120.txt", round_of_trees(), "table", ascii_120);
}

static void odd_trees_are_shown(void **state)
{
    assert_topology("topology-odd-48.txt", round_of_odd_trees(), "table",
                    LOOK(.width = 48));
    assert_topology("topology-odd-80.txt", round_of_odd_trees(), "table",
                    LOOK(.width = 80));
    assert_topology("topology-odd.json", round_of_odd_trees(), "json", LOOK());
    assert_topology("topology-odd.csv", round_of_odd_trees(), "csv", LOOK());
}

static void looks_of_psql(void **state)
{
    assert_topology("topology-colour.txt", round_of_trees(), "table",
                    LOOK(.width = 80, .colour = true));
    assert_topology("topology-expanded.txt", round_of_trees(), "table",
                    LOOK(.width = 80, .expanded = true));
    assert_topology("topology-unaligned.txt", round_of_trees(), "table",
                    LOOK(.unaligned = true));
    assert_topology("topology-tuples.txt", round_of_trees(), "table",
                    LOOK(.width = 80, .tuples_only = true, .null = "NULL"));
}

static void trees_for_programs(void **state)
{
    assert_topology("topology.json", round_of_trees(), "json", LOOK());
    assert_topology("topology.ndjson", round_of_trees(), "ndjson", LOOK());
    assert_topology("topology.csv", round_of_trees(), "csv", LOOK());
}

static void nobody_is_in_a_tree(void **state)
{
    assert_topology("topology-none.txt", round_without_an_answer(), "table",
                    LOOK(.width = 80));
    assert_topology("topology-none.json", round_without_an_answer(), "json", LOOK());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_fit_their_width),
        cmocka_unit_test(trees_without_unicode),
        cmocka_unit_test(odd_trees_are_shown),
        cmocka_unit_test(looks_of_psql),
        cmocka_unit_test(trees_for_programs),
        cmocka_unit_test(nobody_is_in_a_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
