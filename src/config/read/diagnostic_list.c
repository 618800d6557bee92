/* Collecting diagnostics.
 *
 * Functions that read diagnose what is wrong and go on, so no error has to be passed
 * up. Source lines are attached at the end, after sorting, in one walk through the
 * text.  The same message about the same place is kept once. */
#include "config/read/diagnostic_list.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A file can be wrong in every line, and a user does not read more at once. */
enum { MOST_ERRORS = 50, MOST_OTHERS = 50 };

static void free_diagnostic(struct pgcensus_diagnostic *diagnostic)
{
    free((char *)diagnostic->file);
    free((char *)diagnostic->message);
    free((char *)diagnostic->source_line);
    free((char *)diagnostic->hint);
}

void pgcensus_diagnostics_free(struct pgcensus_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->n; i++)
        free_diagnostic(&diagnostics->items[i]);
    free(diagnostics->items);
    *diagnostics = (struct pgcensus_diagnostics){.n = 0};
}

void diagnostic_list_fini(struct diagnostic_list *diagnostics)
{
    pgcensus_diagnostics_free(&diagnostics->kept);
    *diagnostics = DIAGNOSTIC_LIST_INIT;
}

/* Whether there is room for one more, which then counts. */
static bool count_one(struct diagnostic_list *diagnostics,
                      enum pgcensus_severity severity)
{
    struct pgcensus_diagnostics *kept = &diagnostics->kept;
    bool error = severity == PGCENSUS_SEVERITY_ERROR;
    size_t *n = error ? &kept->n_errors : &diagnostics->n_others;

    if (error && *n >= MOST_ERRORS)
        kept->omitted++;
    if (*n >= (error ? (size_t)MOST_ERRORS : (size_t)MOST_OTHERS))
        return false;
    ++*n;
    return true;
}

/* An error in the defaults is found once per node, in each of 10,000, and kept once. */
static bool is_known(const struct diagnostic_list *diagnostics, struct source_pos at,
                     const char *message)
{
    for (size_t i = 0; i < diagnostics->kept.n; i++) {
        const struct pgcensus_diagnostic *known = &diagnostics->kept.items[i];
        bool same_file = known->file && at.file ? strcmp(known->file, at.file) == 0
                                                : known->file == at.file;
        if (same_file && known->line == at.line && known->column == at.column &&
            strcmp(known->message, message) == 0)
            return true;
    }
    return false;
}

void diagnose(struct diagnostic_list *diagnostics, enum pgcensus_severity severity,
              struct source_pos at, const char *hint, const char *format, ...)
{
    struct pgcensus_diagnostics *kept = &diagnostics->kept;
    struct pgcensus_diagnostic diagnostic = {
        .severity = severity, .line = at.line, .column = at.column};
    AUTO(buf_fini) struct buf message = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_add_vformat(&message, format, args);
    va_end(args);
    if (is_known(diagnostics, at, message.bytes) || !count_one(diagnostics, severity))
        return;

    diagnostic.message = buf_take(&message);
    diagnostic.file = at.file ? strdup(at.file) : NULL;
    diagnostic.hint = hint ? strdup(hint) : NULL;
    if (!diagnostic.message || (at.file && !diagnostic.file) ||
        (hint && !diagnostic.hint) ||
        !memory_grow(&kept->items, &diagnostics->cap, kept->n, sizeof *kept->items)) {
        free_diagnostic(&diagnostic);
        diagnostics->no_memory = true;
        return;
    }
    kept->items[kept->n++] = diagnostic;
}

/* The configuration comes first, then the others in the order in which they were
 * first diagnosed. */
static size_t rank_of(const struct pgcensus_diagnostics *list, const char *file)
{
    size_t rank = 0;
    if (!file)
        return 0;
    while (!list->items[rank].file || strcmp(list->items[rank].file, file) != 0)
        rank++;
    return rank + 1;
}

struct keyed {
    struct pgcensus_diagnostic diagnostic;
    size_t rank, order;
};

static int compare_diagnostics(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->diagnostic.line != y->diagnostic.line)
        return x->diagnostic.line < y->diagnostic.line ? -1 : 1;
    if (x->diagnostic.column != y->diagnostic.column)
        return x->diagnostic.column < y->diagnostic.column ? -1 : 1;
    if (x->diagnostic.severity != y->diagnostic.severity)
        return x->diagnostic.severity < y->diagnostic.severity ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* False: no memory. */
static bool attach_source(struct pgcensus_diagnostic *item, const struct source *source,
                          struct line_cursor *cursor)
{
    if (item->file)
        return true;
    item->file = strdup(source->name);
    if (item->line && source->file.bytes && source_seek(source, cursor, item->line))
        item->source_line = quote_line(source, cursor, item->column);
    return item->file != NULL;
}

void diagnostic_list_finish(struct diagnostic_list *diagnostics,
                            const struct source *source,
                            struct pgcensus_diagnostics *ret_diagnostics)
{
    struct pgcensus_diagnostics list = diagnostics->kept;
    struct line_cursor cursor = {.line = 0};
    struct keyed keyed[MOST_ERRORS + MOST_OTHERS];
    size_t n = list.n;

    for (size_t i = 0; i < n; i++)
        keyed[i] = (struct keyed){.diagnostic = list.items[i],
                                  .rank = rank_of(&list, list.items[i].file),
                                  .order = i};
    qsort(keyed, n, sizeof *keyed, compare_diagnostics);
    list.n = 0;
    for (size_t i = 0; i < n; i++) {
        struct pgcensus_diagnostic *diagnostic = &keyed[i].diagnostic;
        if (attach_source(diagnostic, source, &cursor)) {
            list.items[list.n++] = *diagnostic;
        } else {
            free_diagnostic(diagnostic);
            diagnostics->no_memory = true;
        }
    }
    diagnostics->kept = (struct pgcensus_diagnostics){.n = 0};
    *ret_diagnostics = list;
}
