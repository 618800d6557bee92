/* A round in the text format of Prometheus, for the textfile collector of
 * node_exporter.
 *
 * A family is a row of a table and a function that writes the samples of one node (or
 * group, or of all of them together).  Its invariant: a name with the same labels comes
 * once, because one that comes twice makes the collector drop the whole file, and what
 * servers send could do that.
 *
 * The surprise is what is missing: whatever is not known has no sample, so that neither
 * an alert nor an average ever takes "unknown" for 0.  pgcensus_up in particular is not
 * there for a node that we could not ask or were not to;
 * pgcensus_node_status always is. */
#include "base/clock.h"
#include "output/exposition.h"
#include "report/check.h"
#include "report/check_fields.h"
#include "report/prometheus.h"

#include <string.h>

static const enum pgcensus_status statuses[] = {
    PGCENSUS_OK, PGCENSUS_WARN, PGCENSUS_DOWN, PGCENSUS_UNKNOWN, PGCENSUS_DISABLED};

/* ---- nodes ---- */

void prometheus_begin(const struct prometheus_node *node)
{
    exposition_begin(node->text);
    exposition_label(node->text, "node", node->identity->name);
}

static void add_up(const struct prometheus_node *node)
{
    const struct pgcensus_node_result *result = node->result;
    bool unjudged = result->failed && result->status == PGCENSUS_UNKNOWN;
    if (!result->attempted || unjudged)
        return;
    prometheus_begin(node);
    exposition_label(node->text, "group", node->identity->group);
    exposition_count(node->text, !result->failed);
}

static void add_status(const struct prometheus_node *node)
{
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
        prometheus_begin(node);
        exposition_label(node->text, "status", pgcensus_status_name(statuses[i]));
        exposition_count(node->text, node->result->status == statuses[i]);
    }
}

/* "label_KEY", with what no name of a label may have made _; attempt: 2 for the second
 * key that becomes the same, and so on. */
static void name_label(const char *key, unsigned attempt, struct buf *name)
{
    buf_clear(name);
    buf_add_str(name, "label_");
    for (; *key; key++) {
        bool is_fine = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z') ||
                       (*key >= '0' && *key <= '9');
        buf_add_char(name, is_fine ? *key : '_');
    }
    if (attempt > 1)
        buf_add_format(name, "__%u", attempt);
    buf_add_char(name, ',');
}

/* A name comes once in a sample.  Those that are taken stand in one text, a comma
 * behind each. */
static void add_labels(const struct prometheus_node *node)
{
    const struct pgcensus_identity *identity = node->identity;
    AUTO(buf_fini) struct buf taken = BUF_INIT;
    AUTO(buf_fini) struct buf name = BUF_INIT;
    buf_add_char(&taken, ',');
    for (size_t i = 0; i < identity->n_labels; i++) {
        const struct pgcensus_label *label = &identity->labels[i];
        AUTO(buf_fini) struct buf sought = BUF_INIT;
        for (unsigned attempt = 1;; attempt++) {
            name_label(label->key, attempt, &name);
            buf_clear(&sought);
            buf_add_format(&sought, ",%s", name.bytes);
            if (name.broken || sought.broken || !strstr(taken.bytes, sought.bytes))
                break;
        }
        buf_add_str(&taken, name.bytes);
        buf_cut(&name, name.len - 1);
        node->text->out->broken |= name.broken || sought.broken || taken.broken;
        if (!node->text->out->broken)
            exposition_label(node->text, name.bytes, label->value);
    }
}

static void add_information(const struct prometheus_node *node)
{
    const struct pgcensus_identity *identity = node->identity;
    const struct pgcensus_node_result *result = node->result;
    char port[8];

    snprintf(port, sizeof port, "%u", identity->port);
    prometheus_begin(node);
    exposition_label(node->text, "group", identity->group);
    exposition_label(node->text, "host", identity->host);
    exposition_label(node->text, "port", port);
    exposition_label(node->text, "dbname", identity->dbname);
    exposition_label(node->text, "role", pgcensus_role_name(result->role));
    exposition_label(node->text, "server_version", result->server_version);
    exposition_label(node->text, "tls", result->transport.tls);
    exposition_label(node->text, "verified", result->transport.verified);
    add_labels(node);
    exposition_count(node->text, 1);
}

/* Whether it is the first reason with this code, and how many have it. */
static unsigned count_code(const struct pgcensus_node_result *result, size_t at)
{
    const char *code = result->reasons[at].code;
    unsigned n = 0;
    for (size_t i = 0; i < result->n_reasons; i++) {
        if (strcmp(result->reasons[i].code, code) != 0)
            continue;
        if (i < at)
            return 0;
        n++;
    }
    return n;
}

static void add_failures(const struct prometheus_node *node)
{
    for (size_t i = 0; i < node->result->n_reasons; i++) {
        unsigned n = count_code(node->result, i);
        if (n == 0)
            continue;
        prometheus_begin(node);
        exposition_label(node->text, "reason", node->result->reasons[i].code);
        exposition_count(node->text, n);
    }
}

static void add_attempts(const struct prometheus_node *node)
{
    if (!node->result->attempted)
        return;
    prometheus_begin(node);
    exposition_count(node->text, node->result->attempts);
}

static void add_phases(const struct prometheus_node *node)
{
    const struct pgcensus_latency *latency = &node->result->latency;
    const struct {
        const char *phase;
        nsec length;
    } phases[] = {
        {"resolve", latency->resolve}, {"tcp", latency->tcp},
        {"tls", latency->tls},         {"auth", latency->auth},
        {"query", latency->query},     {"total", latency->total},
    };
    for (size_t i = 0; node->result->attempted && i < ARRAY_SIZE(phases); i++) {
        if (phases[i].length == PGCENSUS_UNKNOWN_TIME)
            continue;
        prometheus_begin(node);
        exposition_label(node->text, "phase", phases[i].phase);
        exposition_number(node->text, (double)phases[i].length / NSEC_PER_SEC, 6);
    }
}

/* When the answers of a round are known to be true is at its end. */
static void add_timestamp(const struct prometheus_node *node)
{
    const struct check_document *document = node->document;
    if (!node->result->attempted)
        return;
    prometheus_begin(node);
    exposition_number(
        node->text, (double)(document->started_wall + document->elapsed) / NSEC_PER_SEC,
        3);
}

static const struct prometheus_family families[] = {
    {"pgcensus_up",
     "Whether SELECT 1 succeeded. Not there for a node that could not be asked or is "
     "disabled.",
     add_up},
    {"pgcensus_node_status",
     "The verdict on a node: 1 for the one it has, 0 for others.", add_status},
    {"pgcensus_node_info", "What a node is. Always 1.", add_information},
    {"pgcensus_check_failures", "What is wrong with a node, by code.", add_failures},
    {"pgcensus_consecutive_failures",
     "How often in a row a node did not answer, this time included. Needs "
     "--state-file.",
     .column = "failures"},
    {"pgcensus_flapping", "Whether a node keeps changing. Needs --state-file.",
     .column = "flapping"},
    {"pgcensus_check_attempts", "How often a node was tried in this round.",
     add_attempts},
    {"pgcensus_check_duration_seconds", "How long a phase of the check took.",
     add_phases},
    {"pgcensus_last_check_timestamp_seconds",
     "The end of the round in which the node was asked.", add_timestamp},
    {"pgcensus_certificate_expiry_timestamp_seconds",
     "When the certificate of the server ends.", .column = "cert_expires_at"},
};

static void add_sample(const struct prometheus_node *node, const struct field *field,
                       int decimals)
{
    const struct check_line line = {node->identity, node->result,
                                    node->document->fleet};
    struct field_value value = {.made = BUF_INIT}; /* numbers make no text */
    if (!field_get(field, &line, &value))
        return;
    prometheus_begin(node);
    if (field_is_time(field))
        exposition_number(node->text, (double)value.number / NSEC_PER_SEC, decimals);
    else
        exposition_count(node->text, (uint64_t)value.number);
}

static void add_families(const struct check_document *document, struct exposition *text,
                         const struct prometheus_family *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct field *field = field_find(&check_fields, rows[i].column);
        exposition_family(text, rows[i].name, rows[i].help);
        for (size_t j = 0; j < document->n_results; j++) {
            const struct pgcensus_node_result *result = document->results[j];
            const struct prometheus_node node = {
                .text = text,
                .document = document,
                .identity = pgcensus_fleet_node(document->fleet, result->index),
                .result = result,
            };
            if (field)
                add_sample(&node, field, rows[i].decimals);
            else
                rows[i].add(&node);
        }
    }
}

/* ---- groups ---- */

static void add_group_status(struct exposition *text,
                             const struct pgcensus_group_verdict *group)
{
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
        if (statuses[i] == PGCENSUS_DISABLED)
            continue;
        exposition_begin(text);
        exposition_label(text, "group", group->group);
        exposition_label(text, "status", pgcensus_status_name(statuses[i]));
        exposition_count(text, group->status == statuses[i]);
    }
}

/* A primary that was not found may be one of those that were not asked. */
static void add_group_primaries(struct exposition *text,
                                const struct pgcensus_group_verdict *group)
{
    if (group->n_primaries == 0 && !group->complete)
        return;
    exposition_begin(text);
    exposition_label(text, "group", group->group);
    exposition_count(text, group->n_primaries);
}

static void add_group_families(const struct pgcensus_verdict *verdict,
                               struct exposition *text)
{
    exposition_family(text, "pgcensus_group_status",
                      "The verdict on a group: 1 for the one it has, 0 for others.");
    for (size_t i = 0; verdict && i < verdict->n_groups; i++)
        add_group_status(text, &verdict->groups[i]);
    exposition_family(
        text, "pgcensus_group_primaries",
        "How many primaries of the group answered. Not there if there is none and not "
        "all of the group was asked.");
    for (size_t i = 0; verdict && i < verdict->n_groups; i++)
        add_group_primaries(text, &verdict->groups[i]);
}

/* ---- all of them ---- */

static void add_round(const struct check_document *document, struct exposition *text)
{
    exposition_family(text, "pgcensus_nodes", "How many nodes have each verdict.");
    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
        exposition_begin(text);
        exposition_label(text, "status", pgcensus_status_name(statuses[i]));
        exposition_count(text, check_count(&document->summary, statuses[i]));
    }
    exposition_family(
        text, "pgcensus_exit_code",
        "What pgcensus check exits with without --fail-on: 0 ok, 1 warn, 2 down, "
        "3 unknown, 128 and more after a signal.");
    exposition_begin(text);
    exposition_count(text, (unsigned)document->verdict_code);
}

void check_prometheus_write(const struct check_document *document,
                            const struct check_view *view, struct buf *out)
{
    struct exposition text;
    size_t n_facts;
    const struct prometheus_family *facts = prometheus_facts(&n_facts);

    exposition_init(&text, out);
    add_families(document, &text, families, ARRAY_SIZE(families));
    add_families(document, &text, facts, n_facts);
    add_group_families(document->verdict, &text);
    add_round(document, &text);
}
