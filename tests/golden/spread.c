#include "spread.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { DEEPEST = 128, INDENT = 2 };

struct spread {
    struct buf *lines;
    const char *at;
    size_t depth;
    bool tall[DEEPEST + 1]; /* an object, or an array of what is none on one line */
};

static void begin_line(struct spread *spread)
{
    buf_add(spread->lines, "\n", 1);
    buf_add_repeat(spread->lines, ' ', INDENT * spread->depth);
}

static void add_string(struct spread *spread)
{
    const char *end = spread->at + 1;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    end += *end == '"';
    buf_add(spread->lines, spread->at, (size_t)(end - spread->at));
    spread->at = end;
}

/* What is empty stays as it is, and numbers and strings share a line. */
static bool opens_tall(const char *at)
{
    return at[0] == '{' ? at[1] != '}' : at[1] == '{' || at[1] == '[';
}

static void add_mark(struct spread *spread)
{
    char mark = *spread->at;
    bool opens = mark == '{' || mark == '[', closes = mark == '}' || mark == ']';
    if (closes && spread->depth > 0 && spread->tall[spread->depth--])
        begin_line(spread);
    buf_add(spread->lines, spread->at, 1);
    assert(spread->depth < DEEPEST);
    if (opens)
        spread->tall[++spread->depth] = opens_tall(spread->at);
    spread->at++;
    if ((opens || mark == ',') && spread->tall[spread->depth])
        begin_line(spread);
    else if (mark == ',' || mark == ':')
        buf_add(spread->lines, " ", 1);
}

bool spread_json(const struct buf *documents, struct buf *ret_lines)
{
    struct spread spread = {ret_lines, documents->bytes, 0, {false}};
    while (*spread.at) {
        bool ends_document = *spread.at == '\n' && spread.depth == 0;
        if (strchr(" \t\r\n", *spread.at) && !ends_document)
            return false;
        if (*spread.at == '"')
            add_string(&spread);
        else if (strchr("{}[],:", *spread.at))
            add_mark(&spread);
        else
            buf_add(ret_lines, spread.at++, 1);
    }
    return spread.at == documents->bytes + documents->len; /* not at a NUL */
}
