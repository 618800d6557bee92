/* What is wrong with a configuration, as compilers say it:
 *
 *   nodes.yaml:4:5: error: unknown key "prot" (did you mean "port"?)
 *        4 |     prot: 5432
 *          |     ^
 *
 * The source line is made safe, which can make it longer, so the caret stands below the
 * display column of the character and not below its number.  Of a very long line only
 * the surroundings of the caret are shown. */
#include "base/json.h"
#include "base/text.h"
#include "output/width.h"
#include "report/nodes.h"

#include <string.h>

enum {
    LONGEST_LINE = 100, /* characters shown of a source line */
    BEFORE_CARET = 60,
};

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

/* Bytes of the first so many characters. */
static size_t skip_characters(const char *text, size_t n, size_t characters)
{
    size_t at = 0;
    for (; characters > 0 && at < n; characters--) {
        uint32_t code;
        size_t length = text_decode(text + at, n - at, &code);
        at += length ? length : 1;
    }
    return at;
}

static void add_source(const struct pgcensus_diagnostic *diagnostic, struct buf *out)
{
    const char *line = diagnostic->source_line;
    size_t n = strlen(line), before = diagnostic->column ? diagnostic->column - 1 : 0;
    size_t hidden = before > BEFORE_CARET ? before - BEFORE_CARET : 0;
    size_t start = skip_characters(line, n, hidden);
    size_t caret = start + skip_characters(line + start, n - start, before - hidden);
    size_t end = start + skip_characters(line + start, n - start, LONGEST_LINE);
    AUTO(buf_fini) struct buf shown = BUF_INIT;

    if (start > 0)
        buf_add_str(&shown, "…");
    text_add_safe(&shown, line + start, caret - start);
    size_t column = text_width(shown.bytes, shown.len);
    text_add_safe(&shown, line + caret, end - caret);
    if (end < n)
        buf_add_str(&shown, "…");
    buf_add_format(out, "%6u | %s\n", diagnostic->line, shown.bytes);
    if (diagnostic->column) {
        buf_add_format(out, "%6s | ", "");
        buf_add_repeat(out, ' ', column);
        buf_add_str(out, "^\n");
    }
    out->broken |= shown.broken;
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
