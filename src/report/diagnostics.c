/* What is wrong with a configuration, as compilers say it:
 *
 *   nodes.yaml:4:5: error: unknown key "prot" (did you mean "port"?)
 *        4 |     prot: 5432
 *          |     ^
 *
 * A line that is not YAML can be anything: excerpt.c makes it safe. */
#include "report/diagnostics.h"
#include "base/json.h"
#include "base/text.h"
#include "report/excerpt.h"

#include <string.h>

static const char *severity_name(enum pgcensus_severity severity)
{
    switch (severity) {
    case PGCENSUS_SEVERITY_ERROR:
        return "error";
    case PGCENSUS_SEVERITY_WARNING:
        return "warning";
    case PGCENSUS_SEVERITY_NOTE:
        return "note";
    }
    return "error";
}

static void add_place(const struct pgcensus_diagnostic *diagnostic, struct buf *out)
{
    text_add_safe_str(out, diagnostic->file);
    if (diagnostic->line)
        buf_add_format(out, ":%u", diagnostic->line);
    if (diagnostic->line && diagnostic->column)
        buf_add_format(out, ":%u", diagnostic->column);
}

/* The bar stands in front of the caret, too, so both are lines of their own. */
static void add_source(const struct pgcensus_diagnostic *diagnostic, struct buf *out)
{
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    struct excerpt excerpt = {diagnostic->source_line, strlen(diagnostic->source_line),
                              diagnostic->column};
    excerpt_add(&excerpt, "", &lines);
    size_t first = strcspn(lines.bytes, "\n") + 1;
    buf_add_format(out, "%6u | ", diagnostic->line);
    buf_add(out, lines.bytes, first < lines.len ? first : lines.len);
    if (first < lines.len)
        buf_add_format(out, "%6s | %s", "", lines.bytes + first);
    out->broken |= lines.broken;
}

void report_diagnostic_line(const struct pgcensus_diagnostic *diagnostic,
                            struct buf *out)
{
    add_place(diagnostic, out);
    buf_add_format(out, ": %s: ", severity_name(diagnostic->severity));
    text_add_safe_str(out, diagnostic->message);
}

static void add_diagnostic(const struct pgcensus_diagnostic *diagnostic,
                           struct buf *out)
{
    report_diagnostic_line(diagnostic, out);
    buf_add_char(out, '\n');
    if (diagnostic->source_line && diagnostic->line)
        add_source(diagnostic, out);
    if (diagnostic->hint) {
        buf_add_format(out, "%6s = hint: ", "");
        text_add_safe_str(out, diagnostic->hint);
        buf_add_char(out, '\n');
    }
}

void report_diagnostics(const struct pgcensus_diagnostics *diagnostics, bool notes_too,
                        struct buf *out)
{
    for (size_t i = 0; i < diagnostics->n; i++)
        if (notes_too || diagnostics->items[i].severity != PGCENSUS_SEVERITY_NOTE)
            add_diagnostic(&diagnostics->items[i], out);
    if (diagnostics->omitted > 0)
        buf_add_format(out, "... and %zu more error%s\n", diagnostics->omitted,
                       diagnostics->omitted == 1 ? "" : "s");
}

static void key_count(struct json *json, const char *key, unsigned count)
{
    if (count)
        json_key_int(json, key, count);
    else
        json_key_null(json, key);
}

void report_diagnostics_json(const struct pgcensus_diagnostics *diagnostics,
                             struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.diagnostics/1");
    /* All of them: what is omitted is wrong, too. */
    json_key_int(&json, "errors",
                 (int64_t)(diagnostics->n_errors + diagnostics->omitted));
    json_key_int(&json, "omitted", (int64_t)diagnostics->omitted);
    json_key(&json, "diagnostics");
    json_begin_array(&json);
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct pgcensus_diagnostic *diagnostic = &diagnostics->items[i];
        json_begin_object(&json);
        json_key_string(&json, "severity", severity_name(diagnostic->severity));
        json_key_string(&json, "file", diagnostic->file);
        key_count(&json, "line", diagnostic->line);
        key_count(&json, "column", diagnostic->column);
        json_key_string(&json, "message", diagnostic->message);
        json_key_string(&json, "source_line", diagnostic->source_line);
        json_key_string(&json, "hint", diagnostic->hint);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

void report_error_json(const struct pgcensus_error *error, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.error/1");
    json_key(&json, "error");
    json_begin_object(&json);
    json_key_string(&json, "class", pgcensus_trouble_name(error->trouble));
    json_key_string(&json, "message", error->message);
    json_end_object(&json);
    json_end_object(&json);
    buf_add_char(out, '\n');
}
