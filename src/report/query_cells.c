#include "report/query_cells.h"

#include "base/memory.h"

#include <string.h>

static void add_bool(const struct pgcensus_cell *cell, struct buf *out)
{
    if (cell->len == 1 && cell->text[0] == 't')
        buf_add_str(out, "true");
    else if (cell->len == 1 && cell->text[0] == 'f')
        buf_add_str(out, "false");
    else
        json_add_quoted(out, cell->text, cell->len);
}

void query_add_value(unsigned type, const struct pgcensus_cell *cell, bool strings,
                     struct buf *out)
{
    if (!cell->text) {
        buf_add_str(out, "null");
        return;
    }
    switch (pgcensus_type_kind(type)) {
    case PGCENSUS_KIND_NUMBER:
        if (strings)
            json_add_quoted(out, cell->text, cell->len);
        else
            json_add_digits(out, cell->text, cell->len);
        return;
    case PGCENSUS_KIND_BOOL:
        add_bool(cell, out);
        return;
    case PGCENSUS_KIND_JSON:
        json_add_embedded(out, cell->text, cell->len);
        return;
    case PGCENSUS_KIND_TEXT:
        break;
    }
    json_add_quoted(out, cell->text, cell->len);
}

struct cell query_cell(const struct pgcensus_cell *cell)
{
    return (struct cell){.kind = cell->text ? CELL_TEXT : CELL_NULL,
                         .text = cell->text,
                         .len = cell->len};
}

/* What psql aligns to the right, too. */
enum align query_align(unsigned type)
{
    enum { MONEY = 790, XID = 28, CID = 29, XID8 = 5069 };
    bool counts = type == MONEY || type == XID || type == CID || type == XID8;
    return counts || pgcensus_type_kind(type) == PGCENSUS_KIND_NUMBER ? ALIGN_RIGHT
                                                                      : ALIGN_LEFT;
}

/* ---- keys ---- */

static bool is_taken(const struct pgcensus_column *columns, size_t n, char *const *keys,
                     size_t at, const char *name, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (i != at &&
            (i < at ? strcmp(keys[i], key) == 0 : strcmp(columns[i].name, name) == 0))
            return true;
    return false;
}

/* With the colon behind it.  The first of a name keeps it, the others get the next
 * number that nobody has. */
static char *make_key(const struct pgcensus_column *columns, size_t n,
                      char *const *keys, size_t at)
{
    size_t before = 0;
    for (size_t i = 0; i < at; i++)
        before += strcmp(columns[i].name, columns[at].name) == 0;
    for (size_t number = before + 1;; number++) {
        AUTO(buf_fini) struct buf name = BUF_INIT;
        AUTO(buf_fini) struct buf key = BUF_INIT;
        buf_add_str(&name, columns[at].name);
        if (number > 1)
            buf_add_format(&name, "_%zu", number);
        json_add_quoted(&key, name.bytes, name.len);
        buf_add_char(&key, ':');
        if (name.broken || key.broken)
            return NULL;
        if (number == 1 || !is_taken(columns, n, keys, at, name.bytes, key.bytes))
            return buf_take(&key);
    }
}

char **query_keys(const struct pgcensus_column *columns, size_t n)
{
    char **keys = memory_array(n, sizeof *keys);
    for (size_t i = 0; keys && i < n; i++) {
        keys[i] = make_key(columns, n, keys, i);
        if (!keys[i]) {
            query_keys_free(keys, n);
            return NULL;
        }
    }
    return keys;
}

void query_keys_free(char **keys, size_t n)
{
    for (size_t i = 0; keys && i < n; i++)
        free(keys[i]);
    free(keys);
}
