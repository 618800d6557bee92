/* A round as the output of a monitoring plugin:
 *
 *   PGCENSUS CRITICAL - 2/3 ok, pg-c: connection refused | ok=2;;;0;3 …
 *   pg-c down: connection refused (10.0.0.13:5432)
 *
 * The word is the exit status in letters, whatever --fail-on or --min-ok made of the
 * verdicts: a monitor that sees one say CRITICAL and the other OK trusts neither.
 *
 * The surprise is the budget of performance data.  Nagios reads 8 kB of a plugin
 * (MAX_PLUGIN_OUTPUT_LENGTH), and half an item is worse than none.  Metrics are
 * therefore dropped as a whole, the most important ones last, by an estimate that knows
 * only names: so the set of series depends on the configuration and not on how the
 * nodes are today.
 *
 * https://www.monitoring-plugins.org/doc/guidelines.html */
#include "base/clock.h"
#include "base/text.h"
#include "output/perfdata.h"
#include "report/check.h"
#include "report/gather.h"
#include "report/words.h"

#include <string.h>

enum {
    MOST_NAMED = 3,  /* problems in the first line … */
    SHORT = 160,     /* … and bytes of each */
    MOST_LINES = 30, /* behind it … */
    LONG = 300,      /* … and bytes of each … */
    ENOUGH = 8000,   /* … and of everything */
    BUDGET = 6000,   /* bytes of performance data about single nodes … */
    ESTIMATE = 34,   /* … of which an item takes so many beside its names */
};

static const char *state_word(int exit_code)
{
    switch (exit_code) {
    case 0:
        return "OK";
    case 1:
        return "WARNING";
    case 2:
        return "CRITICAL";
    }
    return "UNKNOWN";
}

/* ---- problems ---- */

/* Where they go: into the first line, or on lines of their own. */
struct telling {
    const struct check_document *document;
    struct buf *out;
    bool brief;
    size_t told, untold;
};

static void tell_problem(struct telling *telling, const struct buf *text)
{
    char cut[LONG];
    telling->out->broken |= text->broken;
    text_copy_safe(cut, telling->brief ? SHORT : LONG, text->bytes, text->len);
    if (telling->told == (telling->brief ? MOST_NAMED : MOST_LINES) ||
        telling->out->len + strlen(cut) > ENOUGH) {
        telling->untold++;
        return;
    }
    telling->told++;
    if (telling->brief)
        buf_add_str(telling->out, ", ");
    perfdata_add_text(telling->out, cut);
    if (!telling->brief)
        buf_add_char(telling->out, '\n');
}

static void tell_group(struct telling *telling,
                       const struct pgcensus_group_verdict *group)
{
    const char *name = group->group ? group->group : "no group";
    for (size_t i = 0; i < group->n_reasons; i++) {
        AUTO(buf_fini) struct buf text = BUF_INIT;
        if (!telling->brief && group->group)
            buf_add_str(&text, "group ");
        text_add_safe_str(&text, name);
        if (!telling->brief)
            buf_add_format(&text, " %s", pgcensus_status_name(group->status));
        buf_add_str(&text, ": ");
        text_add_safe_str(&text, group->reasons[i].message);
        tell_problem(telling, &text);
    }
}

/* In the first line there is no room for addresses, nor for the names of many. */
static void tell_gathered(struct telling *telling, const struct gathered *problem)
{
    const struct pgcensus_fleet *fleet = telling->document->fleet;
    const struct pgcensus_node_result *first = problem->members[0];
    AUTO(buf_fini) struct buf text = BUF_INIT;

    if (problem->n > 1)
        buf_add_format(&text, "%zu nodes", problem->n);
    else
        gathered_add_names(problem, fleet, &text);
    if (!telling->brief)
        buf_add_format(&text, " %s", pgcensus_status_name(first->status));
    buf_add_str(&text, ": ");
    if (problem->n == 1 && telling->brief)
        add_detail(&text, pgcensus_fleet_node(fleet, first->index), first, false);
    else
        buf_add_str(&text, problem->detail);
    if (problem->n > 1 && !telling->brief) {
        buf_add_str(&text, ": ");
        gathered_add_names(problem, fleet, &text);
    }
    tell_problem(telling, &text);
}

static void tell_nodes(struct telling *telling, const struct gathering *gathering,
                       enum pgcensus_status status, bool many)
{
    for (size_t i = 0; i < gathering->n; i++) {
        const struct gathered *problem = &gathering->items[i];
        if (problem->members[0]->status == status && (problem->n > 1) == many)
            tell_gathered(telling, problem);
    }
}

/* The worst first, and of those what concerns several nodes: a group, then what many
 * have in common. */
static void tell_problems(struct telling *telling, const struct gathering *gathering)
{
    static const enum pgcensus_status worst_first[] = {PGCENSUS_DOWN, PGCENSUS_WARN,
                                                       PGCENSUS_UNKNOWN};
    const struct pgcensus_verdict *verdict = telling->document->verdict;

    for (size_t at = 0; at < ARRAY_SIZE(worst_first); at++) {
        for (size_t i = 0; verdict && i < verdict->n_groups; i++)
            if (verdict->groups[i].status == worst_first[at])
                tell_group(telling, &verdict->groups[i]);
        tell_nodes(telling, gathering, worst_first[at], /* many= */ true);
        tell_nodes(telling, gathering, worst_first[at], /* many= */ false);
    }
}

static void tell_untold(struct telling *telling)
{
    if (telling->untold > 0)
        buf_add_format(telling->out, telling->brief ? ", %zu more" : "%zu more\n",
                       telling->untold);
}

/* What is to be known of nodes that answered, however well they are. */
static void tell_remarks(struct telling *telling)
{
    const struct check_document *document = telling->document;
    for (size_t i = 0; i < document->n_results; i++) {
        const struct pgcensus_node_result *result = document->results[i];
        AUTO(buf_fini) struct buf text = BUF_INIT;
        AUTO(buf_fini) struct buf remarks = BUF_INIT;
        add_remarks(&remarks, result);
        text.broken |= remarks.broken;
        if (remarks.len == 0)
            continue;
        buf_add_format(
            &text, "%s %s: ", pgcensus_fleet_node(document->fleet, result->index)->name,
            pgcensus_status_name(result->status));
        text_add_safe_str(&text, remarks.bytes);
        tell_problem(telling, &text);
    }
}

/* ---- performance data ---- */

/* In the order in which they are dropped, the last ones first. */
static const enum pgcensus_metric by_importance[] = {
    PGCENSUS_METRIC_LATENCY,       PGCENSUS_METRIC_LAG_BYTES,
    PGCENSUS_METRIC_LAG_SECONDS,   PGCENSUS_METRIC_CONNECTIONS,
    PGCENSUS_METRIC_SLOT_RETAINED, PGCENSUS_METRIC_CERT_EXPIRY,
    PGCENSUS_METRIC_CLOCK_OFFSET,  PGCENSUS_METRIC_UPTIME,
};
_Static_assert(ARRAY_SIZE(by_importance) == PGCENSUS_METRICS, "each metric once");

static void add_counts(const struct check_summary *summary, struct buf *out)
{
    const double asked = summary->nodes - summary->disabled;
    const struct {
        const char *label;
        unsigned n;
    } counts[] = {{"ok", summary->ok},
                  {"warn", summary->warn},
                  {"down", summary->down},
                  {"unknown", summary->unknown}};
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        struct perfdata item = {
            .label = counts[i].label,
            .value = counts[i].n,
            .scale = 1,
            .unit = "",
            .max = &asked,
        };
        perfdata_add(out, &item);
    }
}

static void set_unit(struct perfdata *item, enum pgcensus_unit unit)
{
    switch (unit) {
    case PGCENSUS_UNIT_TIME:
        item->unit = "s";
        item->scale = NSEC_PER_SEC;
        item->decimals = 6;
        break;
    case PGCENSUS_UNIT_BYTES:
        item->unit = "B";
        item->scale = 1;
        break;
    case PGCENSUS_UNIT_PERCENT:
        item->unit = "%";
        item->scale = 1;
        item->decimals = 2;
        break;
    }
}

static void add_metric(const struct check_document *document,
                       const struct pgcensus_node_result *result,
                       enum pgcensus_metric metric, struct buf *out)
{
    struct perfdata item = {
        .limits = pgcensus_fleet_limits(document->fleet, result->index, metric),
        .negative = metric == PGCENSUS_METRIC_CERT_EXPIRY,
    };
    if (!pgcensus_metric_value(result, metric, &item.value))
        return;
    AUTO(buf_fini) struct buf label = BUF_INIT;
    buf_add_format(&label, "%s %s",
                   pgcensus_fleet_node(document->fleet, result->index)->name,
                   pgcensus_metric_name(metric));
    item.label = label.bytes;
    set_unit(&item, pgcensus_metric_unit(metric));
    perfdata_add(out, &item);
    out->broken |= label.broken;
}

/* What a metric of all nodes takes, if each of them had it. */
static size_t estimate(const struct check_document *document,
                       enum pgcensus_metric metric)
{
    size_t bytes = 0;
    for (size_t i = 0; i < document->n_results; i++) {
        const struct pgcensus_identity *identity =
            pgcensus_fleet_node(document->fleet, document->results[i]->index);
        if (identity->enabled)
            bytes += strlen(identity->name) + strlen(pgcensus_metric_name(metric)) +
                     ESTIMATE;
    }
    return bytes;
}

static void add_metrics(const struct check_document *document, struct buf *out)
{
    size_t bytes = 0;
    for (size_t i = 0; i < ARRAY_SIZE(by_importance); i++) {
        bytes += estimate(document, by_importance[i]);
        if (bytes > BUDGET)
            return;
        for (size_t j = 0; j < document->n_results; j++)
            add_metric(document, document->results[j], by_importance[i], out);
    }
}

/* ---- all of it ---- */

static void add_first_line(const struct check_document *document,
                           const struct gathering *gathering, struct buf *out)
{
    const struct check_summary *summary = &document->summary;
    struct telling brief = {.document = document, .out = out, .brief = true};

    buf_add_format(out, "PGCENSUS %s - %u/%u ok", state_word(document->exit_code),
                   summary->ok, summary->nodes - summary->disabled);
    if (summary->disabled > 0)
        buf_add_format(out, ", %u disabled", summary->disabled);
    tell_problems(&brief, gathering);
    tell_untold(&brief);
    buf_add_str(out, " |");
    add_counts(summary, out);
    add_metrics(document, out);
    buf_add_char(out, '\n');
}

static void add_remark(const char *remark, struct buf *out)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    text_add_safe_str(&text, remark);
    perfdata_add_text(out, text.bytes);
    buf_add_char(out, '\n');
    out->broken |= text.broken;
}

void check_nagios_write(const struct check_document *document,
                        const struct check_view *view, struct buf *out)
{
    AUTO(gathering_fini) struct gathering gathering = {0};
    struct telling lines = {.document = document, .out = out};

    if (!gather_problems(document->fleet, document->results, document->n_results,
                         /* same_statement= */ false, &gathering)) {
        out->broken = true;
        return;
    }
    add_first_line(document, &gathering, out);
    tell_problems(&lines, &gathering);
    tell_remarks(&lines);
    tell_untold(&lines);
    if (document->remark)
        add_remark(document->remark, out);
}

void check_nagios_error(const struct pgcensus_error *error, struct buf *out)
{
    AUTO(buf_fini) struct buf reason = BUF_INIT;
    text_add_safe_str(&reason, error->message);
    buf_add_format(out, "PGCENSUS %s - ", state_word(3));
    perfdata_add_text(out, reason.bytes);
    buf_add_char(out, '\n');
    out->broken |= reason.broken;
}
