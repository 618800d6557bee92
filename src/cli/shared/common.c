/* What options mean together, and how a run ends that could not do its work.
 *
 * The rows are in common_options.c; what stands here is about several of them, or about
 * the output that all commands share. */
#include "cli/shared/common.h"

#include "base/error.h"
#include "cli/exit_status.h"
#include "cli/term/messages.h"
#include "report/check.h"
#include "report/diagnostics.h"

#include <string.h>

/* ---- what they mean together ---- */

enum pgcensus_facts_level common_facts_level(const struct common *common)
{
    switch ((enum facts_choice)common->facts) {
    case FACTS_NONE:
        return PGCENSUS_FACTS_NONE;
    case FACTS_BASIC:
        return PGCENSUS_FACTS_BASIC;
    case FACTS_FULL:
        break;
    }
    return PGCENSUS_FACTS_FULL;
}

struct pgcensus_require common_require(const struct common *common)
{
    const struct required *required = &common->required;
    return (struct pgcensus_require){
        .primaries = required->primaries.given ? (int)required->primaries.n : -1,
        .standbys = required->standbys.given ? (int)required->standbys.n : -1,
        .min_healthy = required->min_healthy.given ? (int)required->min_healthy.n : -1,
    };
}

struct exit_rule common_exit_rule(const struct common *common)
{
    struct exit_rule rule = common->quorum;
    rule.fail_on = (enum fail_on)common->fail_on;
    return rule;
}

/* Without facts there are two metrics left.  Misspelt ones are told of later. */
static bool can_be_told(const char *option, const struct option_list *limits,
                        struct pgcensus_error *ret_error)
{
    for (size_t i = 0; i < limits->n; i++) {
        enum pgcensus_metric metric;
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(limits->items[i], "="),
                 limits->items[i]);
        if (pgcensus_metric_find(name, &metric) && metric != PGCENSUS_METRIC_LATENCY &&
            metric != PGCENSUS_METRIC_CERT_EXPIRY)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                             "%s %s needs facts, and --facts none asks for none",
                             option, name);
    }
    return true;
}

bool common_verdict_makes_sense(const struct common *common,
                                struct pgcensus_error *ret_error)
{
    if (common->quorum.quorum != QUORUM_NONE && common->fail_on != FAIL_ON_WARN)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "--min-ok and --fail-on cannot be combined");
    return common->facts != FACTS_NONE ||
           (can_be_told("--warning", &common->warnings, ret_error) &&
            can_be_told("--critical", &common->criticals, ret_error));
}

/* ---- ends ---- */

bool common_is_plugin(const struct common *common)
{
    return common_format(common)->kind == FORMAT_PLUGIN && !common->output;
}

static bool format_error(const struct common *common,
                         const struct pgcensus_error *error, struct buf *document)
{
    switch (common_format(common)->kind) {
    case FORMAT_DOCUMENT:
    case FORMAT_LINES:
        report_error_json(error, document);
        return true;
    case FORMAT_PLUGIN:
        check_nagios_error(error, document);
        return true;
    case FORMAT_PAGE:
    case FORMAT_ROWS:
    case FORMAT_METRICS: /* what was collected last stays, and its age tells */
        break;
    }
    return false;
}

/* Where the output could not be written, neither can a document. */
static bool is_lost(const struct pgcensus_error *error)
{
    return error->trouble == PGCENSUS_TROUBLE_OUTPUT ||
           error->trouble == PGCENSUS_TROUBLE_READER;
}

/* "| head" has seen what it wanted to see of lines.  Half a document is of no use to
 * anybody, and its reader has failed. */
static bool had_enough(const struct common *common, const struct pgcensus_error *error)
{
    if (error->trouble != PGCENSUS_TROUBLE_READER)
        return false;
    switch ((common ? common_format(common) : format_default)->kind) {
    case FORMAT_PAGE:
    case FORMAT_ROWS:
    case FORMAT_LINES:
        return true;
    case FORMAT_DOCUMENT:
    case FORMAT_PLUGIN:
    case FORMAT_METRICS:
        break;
    }
    return false;
}

static void print_error_document(const struct common *common,
                                 const struct pgcensus_error *error)
{
    AUTO(buf_fini) struct buf document = BUF_INIT;
    struct pgcensus_error second;
    bool lost = is_lost(error);
    if (!common || (lost && !common->output) || !format_error(common, error, &document))
        return;
    if (!deliver(lost ? NULL : common->output, &document, &second))
        say("%s", second.message);
}

int common_refuse_told(const struct common *common, const struct pgcensus_error *error)
{
    print_error_document(common, error);
    return EXIT_NOT_JUDGED;
}

int common_refuse(const struct common *common, const struct pgcensus_error *error)
{
    if (had_enough(common, error))
        return EXIT_READER_LEFT;
    if (!common || !common_is_plugin(common) || is_lost(error))
        say("%s", error->message);
    return common_refuse_told(common, error);
}

int common_deliver(const struct common *common, const struct buf *out)
{
    struct pgcensus_error error;
    if (deliver(common->output, out, &error))
        return EXIT_GOOD;
    return common_refuse(common, &error);
}

int common_refuse_usage(const struct common *common, const char *command,
                        const struct pgcensus_error *error)
{
    int status = common_refuse(common, error);
    AUTO(buf_fini) struct buf hint = BUF_INIT;
    if (common && common_is_plugin(common))
        return status;
    buf_add_format(&hint, "Try 'pgcensus %s%s--help'.\n", command ? command : "",
                   command ? " " : "");
    say_lines(&hint);
    return status;
}

static struct row_view view_without_look(const struct common *common)
{
    return (struct row_view){.format = common_format(common),
                             .columns = common->columns,
                             .sort = common->sort};
}

bool common_columns_make_sense(const struct common *common,
                               const struct field_table *fields,
                               struct pgcensus_error *ret_error)
{
    const struct row_view view = view_without_look(common);
    return field_check_view(fields, &view, ret_error);
}

void common_view(const struct common *common, const struct terminal *terminal,
                 struct row_view *ret_view)
{
    *ret_view = view_without_look(common);
    common_look(common, terminal, &ret_view->look);
}

void common_look(const struct common *common, const struct terminal *terminal,
                 struct look *ret_look)
{
    struct terminal file;
    if (common->output) {
        file = terminal_without_stdout(terminal);
        terminal = &file;
    }
    *ret_look = (struct look){
        .width = terminal_width(terminal, common->width),
        .unicode = terminal_shapes(terminal, common->ascii),
        .colour = terminal_colour(terminal, (enum color_when)common->color),
        .many_colours = terminal_many_colours(terminal),
        .expanded = common->expanded == EXPANDED_ON,
        .unaligned = common->unaligned,
        .tuples_only = common->tuples_only,
        .null = common->null ? common->null : "",
    };
}

static bool overflows(const struct buf *out, unsigned width)
{
    for (const char *line = out->bytes; *line;) {
        size_t length = strcspn(line, "\n");
        if (text_width(line, length) > width)
            return true;
        line += length + (line[length] == '\n');
    }
    return false;
}

bool common_look_again(const struct common *common, struct look *look, struct buf *out)
{
    if (common->expanded != EXPANDED_AUTO || common_format(common)->kind != FORMAT_PAGE)
        return false;
    if (look->expanded || look->width == 0 || !overflows(out, look->width))
        return false;
    look->expanded = true;
    buf_clear(out);
    return true;
}
