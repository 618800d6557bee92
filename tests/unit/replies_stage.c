#include "replies_stage.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned type_of(const char *name)
{
    if (name[0] >= '0' && name[0] <= '9')
        return (unsigned)strtoul(name, NULL, 10);
    for (unsigned oid = 1; oid < 4000; oid++) {
        const char *known = pgcensus_type_name(oid);
        if (known && strcmp(known, name) == 0)
            return oid;
    }
    return 0;
}

static void name_columns(struct rowset *rowset, char *header)
{
    size_t n = 0;
    char *names[64], *word;
    for (char *rest = header; (word = strsep(&rest, " "));)
        if (*word)
            names[n++] = word;
    rowset_begin(rowset, n);
    for (size_t i = 0; i < n; i++) {
        char *type = strrchr(names[i], ':');
        if (type)
            *type++ = '\0';
        rowset_name(rowset, i, names[i], type_of(type ? type : "text"));
    }
}

struct pgcensus_rows *stage_rows(const char *text)
{
    AUTO(free) char *copy = strdup(text);
    struct rowset *rowset = rowset_new();
    char *rest = copy, *line = strsep(&rest, "|");
    name_columns(rowset, line);
    while ((line = strsep(&rest, "|"))) {
        rowset_add_row(rowset);
        for (size_t i = 0; i < rowset->rows.n_columns; i++) {
            const char *cell = strsep(&line, ",");
            assert(cell);
            rowset_set_str(rowset, i, strcmp(cell, "~") ? cell : NULL);
        }
    }
    return rowset_rows(rowset);
}

void replies_stage_init(struct replies_stage *stage, const char *const *texts)
{
    *stage = (struct replies_stage){0};
    size_t n = 0;
    for (; texts[n]; n++) {
        bool incomplete = texts[n][0] == '!', none = strcmp(texts[n], "-") == 0;
        assert(n < STAGE_MOST);
        snprintf(stage->names[n], sizeof stage->names[n], "n%zu", n);
        stage->items[n] = (struct pgcensus_reply){
            .node = stage->names[n],
            .group = n % 2 ? "odd" : NULL,
            .status = none ? "failed" : "ok",
            .error = none ? "connection refused" : NULL,
            .latency = none ? PGCENSUS_UNKNOWN_TIME : 1500000,
            .rows = none ? NULL : stage_rows(texts[n] + incomplete),
            .complete = !none && !incomplete,
        };
    }
    stage->replies = (struct pgcensus_replies){stage->items, n};
}

void replies_stage_fini(struct replies_stage *stage)
{
    for (size_t i = 0; i < stage->replies.n; i++)
        pgcensus_rows_free((struct pgcensus_rows *)stage->items[i].rows);
}

const char *stage_print(const struct pgcensus_rows *rows)
{
    static char text[4096];
    size_t at = 0;
    for (size_t i = 0; i < rows->n_columns; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? " " : "",
                               rows->columns[i].name);
    for (size_t row = 0; row < rows->n_rows; row++)
        for (size_t i = 0; i < rows->n_columns; i++) {
            const char *cell = pgcensus_rows_at(rows, row, i)->text;
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? "," : "|",
                                   cell ? cell : "~");
        }
    return text;
}
