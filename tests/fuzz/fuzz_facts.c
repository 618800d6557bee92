/* What nodes say of themselves, on its way to every document: answers to the statement
 * of facts → facts → verdict, trees → tables, JSON, CSV and what monitors read.
 *
 * Nodes are separated by \f.  The first line of one says what it is (see look_at()),
 * each line behind it is a part of its answer, in which \v breaks lines. */
#include "base/clock.h"
#include "base/memory.h"
#include "fleet/facts.h"
#include "fleet/fleet.h"
#include "fuzz.h"
#include "report/check.h"
#include "report/problems.h"
#include "report/topology.h"

#include <stdio.h>

enum { MOST_NODES = 6, MOST_LISTED = 1000 };

struct round {
    struct pgcensus_fleet *fleet;
    size_t n;
    struct pgcensus_node_result results[MOST_NODES];
    struct pgcensus_node_result *order[MOST_NODES];
    struct pgcensus_facts *facts[MOST_NODES];
};

static void add_node(struct round *round, const char *traits)
{
    static const char *const groups[] = {NULL, "a", "b"};
    char name[8], host[16];
    snprintf(name, sizeof name, "n%zu", round->n);
    snprintf(host, sizeof host, "10.0.0.%zu", round->n % 4 + 1);
    const struct node_options options = {
        .identity = {.name = name,
                     .host = host,
                     .port = 5432,
                     .dbname = "postgres",
                     .user = "pgcensus",
                     .group = groups[strcspn(traits, "g") % ARRAY_SIZE(groups)],
                     .enabled = true,
                     .via_pooler = strchr(traits, 'p')},
        .target = {.host = host, .port = 5432},
    };
    require(fleet_add(round->fleet, &options, NULL));
    require(fleet_add_member(round->fleet, options.identity.group, NULL));
}

/* d: was not asked, f: failed, s: a standby; where the first g stands is its group. */
static struct pgcensus_node_result *look_at(struct round *round, const char *traits)
{
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    struct pgcensus_node_result *result = &round->results[round->n];
    *result = (struct pgcensus_node_result){
        .index = round->n,
        .status = PGCENSUS_OK,
        .role = strchr(traits, 's') ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY,
        .read_only = -1,
        .server_version = "15.20",
        .server_version_num = 150020,
        .attempted = !strchr(traits, 'd'),
        .latency = {none, none, none, none, none, none},
        .lag = {-1, -1, none, none, NULL, SIZE_MAX},
    };
    if (!result->attempted) {
        result->status = PGCENSUS_DISABLED;
    } else if (strchr(traits, 'f')) {
        result->failed = true;
        result->status = PGCENSUS_DOWN;
        result->failure.error_class = PGCENSUS_CLASS_REFUSED;
    }
    round->order[round->n] = result;
    return result;
}

static void read_answer(struct round *round, struct pgcensus_node_result *result,
                        char *lines)
{
    const struct facts_moment moment = {0, NSEC_PER_SEC, 1000 * NSEC_PER_SEC};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    for (size_t i = 0; i < PGCENSUS_PARTS; i++) {
        const char *part = lines ? strsep(&lines, "\n") : "";
        for (; *part; part++)
            buf_add_char(&text, *part == '\v' ? '\n' : *part);
        buf_add_char(&text, '\x1e');
    }
    require(!text.broken);
    struct pgcensus_cell cell = {text.bytes, text.len};
    const struct pgcensus_rows rows = {.n_columns = 1, .n_rows = 1, .cells = &cell};
    struct facts_role role = {-1, -1};
    const char *why;
    struct pgcensus_facts *facts =
        facts_read(PGCENSUS_FACTS_FULL, &rows, &moment, &role, &why);
    round->facts[round->n] = facts;
    if (!facts) {
        snprintf(result->facts_reason, sizeof result->facts_reason, "%s", why);
        return;
    }
    require(facts->n_slots <= MOST_LISTED && facts->n_senders <= MOST_LISTED);
    result->facts = facts;
    if (role.standby < 0)
        return;
    result->role = role.standby ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY;
    result->read_only = role.read_only;
}

/* ---- documents ---- */

static void require_text(struct buf *out, bool lines)
{
    require(!out->broken);
    require(!lines || out->len == 0 || out->bytes[out->len - 1] == '\n');
    require_harmless(out->bytes, out->len);
    buf_clear(out);
}

/* A number that is not known is null, and none of these is ever negative. */
static void require_json(struct buf *out)
{
    static const char *const counts[] = {"\"retained_bytes\":-",
                                         "\"used\":-",
                                         "\"max\":-",
                                         "\"timeline\":-",
                                         "\"replay_lag_bytes\":-",
                                         "\"receive_lag_bytes\":-"};
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
        require(!strstr(out->bytes, counts[i]));
    require_text(out, true);
}

static void print_trees(const struct check_document *check, struct buf *out)
{
    struct row_view view = {.look = {.width = 80}};
    struct pgcensus_error error;
    struct pgcensus_topology *topology =
        pgcensus_topology_new(check->fleet, check->results, check->n_results, &error);
    require(topology);
    const struct topology_document document = {check, topology};
    for (size_t i = 0; (view.format = format_at(i)); i++) {
        if (!report_topology_writes(view.format->kind))
            continue;
        report_topology(&document, &view, out);
        require_text(out, true);
    }
    pgcensus_topology_free(topology);
}

static void print_all(const struct round *round, const struct pgcensus_verdict *verdict)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct check_view view = {.rows.look = {.width = 80}, .verbose = true, .all = true};
    struct check_document document = {
        .fleet = round->fleet,
        .results = (const struct pgcensus_node_result *const *)round->order,
        .n_results = round->n,
        .verdict = verdict,
    };
    check_summarize(document.results, round->n, &document.summary, &document.status);
    for (size_t i = 0; (view.rows.format = format_at(i)); i++) {
        report_check(&document, &view, &out);
        if (view.rows.format->kind == FORMAT_DOCUMENT)
            require_json(&out);
        else
            require_text(&out, true);
    }
    report_group_problems(verdict, &out);
    require_text(&out, true);
    print_trees(&document, &out);
}

static void require_verdict(const struct round *round,
                            const struct pgcensus_verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_groups; i++) {
        const struct pgcensus_group_verdict *group = &verdict->groups[i];
        require(group->n_primaries + group->n_standbys <= round->n);
        for (size_t j = 0; j < group->n_primaries; j++)
            require(round->results[group->primaries[j]].role == PGCENSUS_PRIMARY);
        for (size_t j = 0; j < group->n_standbys; j++)
            require(round->results[group->standbys[j]].role == PGCENSUS_STANDBY);
        for (size_t j = 0; j < group->n_reasons; j++)
            require_harmless(group->reasons[j].message,
                             strlen(group->reasons[j].message));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(free) char *text = fuzz_string(bytes, n);
    char *rest = text;
    struct round round = {.fleet = fleet_new(NULL, NULL)};
    require(round.fleet);
    while (rest && round.n < MOST_NODES) {
        char *lines = strsep(&rest, "\f");
        const char *traits = strsep(&lines, "\n");
        add_node(&round, traits);
        struct pgcensus_node_result *result = look_at(&round, traits);
        if (result->attempted && !result->failed)
            read_answer(&round, result, lines);
        round.n++;
    }
    struct pgcensus_error error;
    const struct pgcensus_verdict_options options = {.require = {1, 1, -1}};
    struct pgcensus_verdict *verdict =
        pgcensus_verdict_new(round.fleet, round.order, round.n, &options, &error);
    require(verdict);
    require_verdict(&round, verdict);
    print_all(&round, verdict);
    pgcensus_verdict_free(verdict);
    for (size_t i = 0; i < round.n; i++)
        free(round.facts[i]);
    pgcensus_fleet_free(round.fleet);
    return 0;
}
