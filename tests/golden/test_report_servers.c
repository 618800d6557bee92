/* What servers of several versions say of their slots and standbys, judged, in every
 * document.  This file plays the fleet and what the servers said; the verdicts are made
 * as always.
 *
 *   13  tells wal_status and no more; its slot is lost without a position
 *   15  asked by a role without pg_monitor, so that clients are not told from workers,
 *       nor where senders and receivers lead to; its standby is paused, and another one
 *       has no receiver
 *   17  a slot that standbys copy, and a standby with the copy, which nothing uses: it
 *       has been inactive since it was brought up to date last.  A slot that is in use
 *       has not, and conflicting is told of logical ones only.  So says 17.12
 *   18  a slot that was given up because nothing used it, which still has a position */
#include "base/clock.h"
#include "base/text.h"
#include "fleet/fleet.h"
#include "golden.h"
#include "report/check.h"
#include "report/topology.h"
#include "tests/test.h"

#include <string.h>

#include <pgcensus/pgcensus.h>

enum { MOST = 8, MOST_SLOTS = 4, MOST_SENDERS = 4 };

struct pgcensus_fleet {
    size_t n;
    struct pgcensus_identity identities[MOST];
    struct pgcensus_node_result results[MOST];
    const struct pgcensus_node_result *order[MOST];
    struct pgcensus_facts facts[MOST];
    struct pgcensus_slot slots[MOST][MOST_SLOTS];
    struct pgcensus_sender senders[MOST][MOST_SENDERS];
};

static struct pgcensus_fleet fleet;

AUTO_DEFINE(struct pgcensus_topology *, pgcensus_topology_free)
AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

static const struct pgcensus_limits limits[PGCENSUS_METRICS] = {
    [PGCENSUS_METRIC_SLOT_RETAINED] = {.critical = {true, false, 0, 100 << 20}},
    [PGCENSUS_METRIC_CONNECTIONS] = {.critical = {true, false, 0, 90}},
    [PGCENSUS_METRIC_LAG_BYTES] = {.warn = {true, false, 0, 16 << 20}},
};

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *any,
                                                    size_t index)
{
    assert_true(index < any->n);
    return &any->identities[index];
}

const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *any,
                                                    size_t index,
                                                    enum pgcensus_metric metric)
{
    return &limits[metric];
}

const struct health_options *fleet_health(const struct pgcensus_fleet *any,
                                          size_t index)
{
    static const struct health_options options = {.fall = 3, .rise = 1};
    return &options;
}

const struct fleet_group *fleet_group_find(const struct pgcensus_fleet *any,
                                           const char *name)
{
    return NULL;
}

/* There is no secret here. */
void pgcensus_fleet_redact(const struct pgcensus_fleet *any, char *text, size_t size)
{
}

/* ---- what they said ---- */

static struct pgcensus_facts *add_server(const char *name, uint64_t cluster,
                                         const char *version, int version_num)
{
    static const char *const hosts[MOST] = {"10.0.0.1", "10.0.0.2", "10.0.0.3",
                                            "10.0.0.4", "10.0.0.5", "10.0.0.6",
                                            "10.0.0.7", "10.0.0.8"};
    size_t i = fleet.n++;
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    struct pgcensus_node_result *result = &fleet.results[i];
    struct pgcensus_facts *facts = &fleet.facts[i];
    fleet.order[i] = result;
    fleet.identities[i] = (struct pgcensus_identity){
        .name = name, .host = hosts[i], .port = 5432, .dbname = "postgres"};
    fleet.identities[i].user = "pgcensus";
    fleet.identities[i].enabled = true;
    *result = (struct pgcensus_node_result){
        .index = i,
        .status = PGCENSUS_OK,
        .role = PGCENSUS_PRIMARY,
        .attempted = true,
        .attempts = 1,
        .server_version_num = version_num,
        .latency = {none, none, none, none, none, 1000000},
        .lag = {-1, -1, none, none, NULL, SIZE_MAX},
        .facts = facts,
    };
    text_copy(result->server_version, sizeof result->server_version, version);
    text_copy(result->hostaddr, sizeof result->hostaddr, hosts[i]);
    *facts = (struct pgcensus_facts){
        .level = PGCENSUS_FACTS_FULL,
        .system_identifier = cluster,
        .timeline = 1,
        .started_at = INT64_C(1790000000) * NSEC_PER_SEC + (nsec)i,
        .uptime = 3600 * NSEC_PER_SEC,
        .connections_used = 5,
        .connections_least = 5,
        .connections_max = 100,
        .connections_reserved = 3,
        .connections_own = 1,
        .wal = UINT64_C(0x20000000),
        .paused = -1,
        .apply_delay = PGCENSUS_UNKNOWN_TIME,
        .slots = fleet.slots[i],
        .senders = fleet.senders[i],
    };
    return facts;
}

static struct pgcensus_facts *add_standby(const char *name, uint64_t cluster,
                                          const char *version, int version_num)
{
    struct pgcensus_facts *facts = add_server(name, cluster, version, version_num);
    fleet.results[fleet.n - 1].role = PGCENSUS_STANDBY;
    facts->wal = 0;
    facts->received = facts->replayed = UINT64_C(0x20000000);
    facts->receiver = PGCENSUS_RECEIVER_RUNNING;
    facts->paused = 0;
    facts->apply_delay = 0;
    return facts;
}

static struct pgcensus_sender *add_sender(struct pgcensus_facts *facts,
                                          const char *application)
{
    struct pgcensus_sender *sender =
        &fleet.senders[facts - fleet.facts][facts->n_senders++];
    *sender = (struct pgcensus_sender){.application = ""};
    text_copy(sender->application, sizeof sender->application, application);
    return sender;
}

/* As both tell a role with pg_monitor. */
static void streams(struct pgcensus_facts *from, struct pgcensus_facts *to)
{
    const char *name = fleet.identities[to - fleet.facts].name;
    struct pgcensus_sender *sender = add_sender(from, name);
    text_copy(sender->address, sizeof sender->address,
              fleet.identities[to - fleet.facts].host);
    text_copy(sender->state, sizeof sender->state, "streaming");
    text_copy(sender->slot, sizeof sender->slot, name);
    to->receiver = PGCENSUS_RECEIVER_STREAMING;
    text_copy(to->receiver_status, sizeof to->receiver_status, "streaming");
    text_copy(to->receiver_slot, sizeof to->receiver_slot, name);
    text_copy(to->upstream_host, sizeof to->upstream_host,
              fleet.identities[from - fleet.facts].host);
    to->upstream_port = 5432;
}

static struct pgcensus_slot *add_slot(struct pgcensus_facts *facts, const char *name,
                                      const char *type, const char *wal_status,
                                      int64_t retained)
{
    struct pgcensus_slot *slot = &fleet.slots[fleet.n - 1][facts->n_slots++];
    *slot = (struct pgcensus_slot){
        .retained = retained, .synced = -1, .failover = -1, .conflicting = -1};
    text_copy(slot->name, sizeof slot->name, name);
    text_copy(slot->type, sizeof slot->type, type);
    text_copy(slot->wal_status, sizeof slot->wal_status, wal_status);
    return slot;
}

static void add_servers_of_17(void)
{
    struct pgcensus_facts *primary = add_server("p17", 17, "17.11", 170011);
    struct pgcensus_slot *slot = add_slot(primary, "s17", "physical", "reserved", 0);
    slot->failover = slot->synced = 0;
    slot->active = true;
    slot = add_slot(primary, "sub", "logical", "reserved", 1 << 20);
    slot->failover = 1;
    slot->synced = slot->conflicting = 0;
    slot->active = true;

    struct pgcensus_facts *standby = add_standby("s17", 17, "17.11", 170011);
    slot = add_slot(standby, "sub", "logical", "reserved", 2 << 20);
    slot->failover = slot->synced = 1;
    slot->conflicting = 0;
    slot->inactive_since = INT64_C(1790865120) * NSEC_PER_SEC;

    streams(primary, standby);
    struct pgcensus_sender *subscriber = add_sender(primary, "sub");
    text_copy(subscriber->address, sizeof subscriber->address, "10.0.0.6");
    text_copy(subscriber->state, sizeof subscriber->state, "streaming");
    text_copy(subscriber->slot, sizeof subscriber->slot, "sub");
}

static void add_servers_of_18(void)
{
    struct pgcensus_facts *facts = add_server("p18", 18, "18.1", 180001);
    struct pgcensus_slot *slot = add_slot(facts, "idle", "logical", "lost", -1);
    slot->failover = slot->synced = slot->conflicting = 0;
    text_copy(slot->invalidation_reason, sizeof slot->invalidation_reason,
              "idle_timeout");
    slot->inactive_since = INT64_C(1790000000) * NSEC_PER_SEC;
    slot = add_slot(facts, "left", "physical", "extended", 50 << 20);
    slot->failover = slot->synced = 0;
    slot->inactive_since = INT64_C(1790000060) * NSEC_PER_SEC;
}

static void add_servers(void)
{
    struct pgcensus_facts *facts = add_server("p13", 13, "13.16", 130016);
    add_slot(facts, "cdc", "logical", "lost", -1);
    add_slot(facts, "next", "physical", "unreserved", 90 << 20);

    facts = add_server("p15", 15, "15.20", 150020);
    facts->connections_used = 100;
    facts->connections_least = 84; /* of 97: between 86.6 and 100 % */
    add_sender(facts, "s15");
    text_copy(
        facts->hidden, sizeof facts->hidden,
        "what WAL senders do, and for whom, is shown to members of pg_monitor only");
    facts = add_standby("s15", 15, "15.20", 150020);
    facts->paused = 1;
    facts->replayed -= 1 << 20;
    text_copy(facts->hidden, sizeof facts->hidden,
              "what the WAL receiver does is shown to members of pg_monitor only");
    facts = add_standby("d15", 15, "15.20", 150020);
    facts->receiver = PGCENSUS_RECEIVER_NONE;

    add_servers_of_17();
    add_servers_of_18();
}

/* ---- judged ---- */

static void judge(void)
{
    const struct pgcensus_verdict_options options = {.require = {-1, -1, -1}};
    struct pgcensus_node_result *results[MOST];
    struct pgcensus_error error;
    for (size_t i = 0; i < fleet.n; i++)
        results[i] = &fleet.results[i];
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict =
        pgcensus_verdict_new(&fleet, results, fleet.n, &options, &error);
    assert_non_null(verdict);
}

static struct check_document document(void)
{
    struct check_document document = {
        .fleet = &fleet,
        .started_wall = INT64_C(1790865128) * NSEC_PER_SEC,
        .elapsed = 211 * NSEC_PER_MSEC,
        .results = fleet.order,
        .n_results = fleet.n,
    };
    check_summarize(document.results, document.n_results, &document.summary,
                    &document.status);
    document.exit_code = document.verdict_code = 1;
    return document;
}

static int set_up(void **state)
{
    memset(&fleet, 0, sizeof fleet);
    add_servers();
    judge();
    return 0;
}

static void assert_check(const char *name, const struct check_document *round,
                         const char *format)
{
    const struct check_view view = {.rows.format = format_find(format)};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_check(round, &view, &out);
    assert_golden(name, &out);
}

static void what_programs_read(void **state)
{
    struct check_document round = document();
    assert_check("servers.prom", &round, "prometheus");
    assert_check("servers.nagios", &round, "nagios");
    assert_check("servers.csv", &round, "csv");
}

/* Keys that a server does not know are null, and the trees tell a subscriber from a
 * standby at the same address by its slot. */
static void for_readers_of_json(void **state)
{
    struct check_document round = document();
    struct pgcensus_error error;
    AUTO(buf_fini) struct buf trees = BUF_INIT;
    assert_check("servers.json", &round, "json");

    AUTO(pgcensus_topology_free)
    struct pgcensus_topology *topology =
        pgcensus_topology_new(&fleet, fleet.order, fleet.n, &error);
    assert_non_null(topology);
    report_topology(&(struct topology_document){&round, topology},
                    &(struct row_view){.format = format_find("json")}, &trees);
    assert_golden("servers-topology.json", &trees);
}

static void what_people_read(void **state)
{
    struct check_document round = document();
    struct check_view view = {.rows.format = format_default,
                              .rows.look = {.unicode = true}};
    AUTO(buf_fini) struct buf table = BUF_INIT;
    report_check(&round, &view, &table);
    assert_golden("servers.txt", &table);
}

/* What no document may be made of: an amount of a slot that is lost, a limit that is
 * broken by what takes no connection, a standby's copy that seems abandoned. */
static void no_false_alarm(void **state)
{
    double value;
    for (size_t i = 0; i < fleet.n; i++)
        assert_true(fleet.results[i].status != PGCENSUS_DOWN);
    assert_true(fleet.results[1].status == PGCENSUS_UNKNOWN);
    assert_true(fleet.results[5].status == PGCENSUS_OK);
    fleet.facts[0].n_slots = 1;
    assert_false(pgcensus_metric_value(&fleet.results[0], PGCENSUS_METRIC_SLOT_RETAINED,
                                       &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_programs_read, set_up),
        cmocka_unit_test_setup(for_readers_of_json, set_up),
        cmocka_unit_test_setup(what_people_read, set_up),
        cmocka_unit_test_setup(no_false_alarm, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
