#include "report/explain.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/excerpt.h"

#include <string.h>

/* ---- where in a statement ---- */

struct place {
    size_t line;       /* from 1 */
    const char *start; /* of the line */
    const char *at, *end;
};

/* A statement that ends too early is wrong behind its last word, and not on the empty
 * line that a file ends with. */
static struct place find_place(const char *sql, unsigned position)
{
    size_t n = strlen(sql);
    while (n > 0 && strchr(" \t\r\n", sql[n - 1]))
        n--;
    struct place place = {.line = 1, .start = sql};
    place.at = sql + excerpt_skip(sql, n, position - 1);
    for (const char *c = sql; c < place.at; c++)
        if (*c == '\n') {
            place.line++;
            place.start = c + 1;
        }
    place.end = place.at + strcspn(place.at, "\r\n");
    return place;
}

/* What it is worth on a terminal: a tab is one blank, as in psql. */
static char *clean(const char *start, const char *end,
                   const struct pgcensus_fleet *fleet)
{
    size_t n = (size_t)(end - start), size = 3 * n + 1;
    char *text = memory_array(size, 1);
    if (!text)
        return NULL;
    memcpy(text, start, n);
    pgcensus_fleet_redact(fleet, text, size);
    for (char *c = text; *c; c++)
        if (*c == '\t' || *c == '\r')
            *c = ' ';
    return text;
}

static size_t count_characters(const char *text)
{
    size_t n = strlen(text), characters = 0;
    for (size_t at = 0; at < n; characters++)
        at += excerpt_skip(text + at, n - at, 1);
    return characters;
}

static void add_label(const struct statement_source *source, size_t line,
                      struct buf *label)
{
    if (source->file) {
        text_add_safe_str(label, source->file);
        buf_add_format(label, ":%zu: ", line);
    } else {
        buf_add_format(label, "LINE %zu: ", line);
    }
}

void explain_place(const struct statement_source *source,
                   const struct pgcensus_failure *failure,
                   const struct pgcensus_fleet *fleet, struct buf *out)
{
    if (!source->sql || failure->position == 0)
        return;
    struct place place = find_place(source->sql, failure->position);
    AUTO(free) char *before = clean(place.start, place.at, fleet);
    AUTO(free) char *behind = clean(place.at, place.end, fleet);
    AUTO(free) char *whole = clean(place.start, place.end, fleet);
    AUTO(free)
    char *both = before && behind ? memory_format("%s%s", before, behind) : NULL;
    AUTO(buf_fini) struct buf label = BUF_INIT;
    add_label(source, place.line, &label);
    if (!both || !whole || label.broken) {
        out->broken = true;
        return;
    }
    /* A secret that begins before the caret and ends behind it leaves no place for it.
     */
    bool torn = strcmp(both, whole) != 0;
    struct excerpt excerpt = {whole, strlen(whole),
                              torn ? 0 : count_characters(before) + 1};
    excerpt_add(&excerpt, label.bytes, out);
}

/* ---- in words ---- */

static void add_words(const char *label, const char *words, struct buf *out)
{
    if (words)
        buf_add_format(out, "%s: %s\n", label, words);
}

void explain_words(const struct pgcensus_failure *failure, struct buf *out)
{
    add_words("DETAIL", pgcensus_failure_detail(failure), out);
    add_words("HINT", pgcensus_failure_hint(failure), out);
}
