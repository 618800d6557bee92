/* What there is to know about a row of one kind: a table of fields, from which pages,
 * rows and documents are made.
 *
 * A field is a row of that table: its key, its heading, its unit and how it is found
 * out.  Documents have all fields with a key, in the order of the table.  Pages and
 * rows have the columns that --columns names, or else those of a set, which is written
 * as --columns would be. */
#ifndef REPORT_FIELD_H
#define REPORT_FIELD_H

#include "base/json.h"
#include "report/view.h"

#include <pgcensus/status.h>

enum unit {
    UNIT_TEXT,
    UNIT_COUNT,
    UNIT_FLAG,
    UNIT_BYTES,
    UNIT_MILLISECONDS, /* programs read milliseconds, to the microsecond */
    UNIT_SECONDS,      /* programs read seconds, to the microsecond */
    UNIT_OBJECT,       /* holds the fields whose keys begin with its own and a dot */
};

/* The value of a field, or what a page shows of it. */
struct value {
    const char *text; /* of UNIT_TEXT; NULL: what stands in made */
    int64_t number;   /* of the other units; a time is nsec.  Of a text its rank */
    struct buf made;  /* a text that nothing else keeps */
    size_t hang;      /* of made, see struct cell */
};

/* For get: true if it is known.  NULL is not; an empty text is one, or is not. */
static inline bool value_string(struct value *ret_value, const char *text)
{
    ret_value->text = text;
    return text;
}

static inline bool value_text(struct value *ret_value, const char *text)
{
    return *text && value_string(ret_value, text);
}

static inline bool value_number(struct value *ret_value, int64_t number, bool known)
{
    ret_value->number = number;
    return known;
}

enum trait {
    FIELD_FLEXIBLE = 1, /* may wrap, see struct column */
    FIELD_TONED = 2,    /* has the tone of its row on a page */
    FIELD_SHAPE = 4,    /* a shape of a page, not to be asked for */
};

struct field {
    const char *key;     /* in documents, "transport.tls"; NULL: in none */
    const char *column;  /* in rows, and for --columns; NULL: as its key */
    const char *heading; /* on pages; NULL: it is no column */
    enum unit unit;
    unsigned traits;    /* enum trait */
    const char *absent; /* what a page shows for an unknown value; NULL: as for NULL */

    /* False: not known.  Of an object: there is none. */
    bool (*get)(const void *row, struct value *ret_value);
    /* What a page shows into made, if that is not what the unit says; nothing: absent.
     */
    void (*show)(const void *row, const struct look *look, struct value *ret_value);
    /* Of a list or an object of any keys: its value in documents. */
    void (*write)(const void *row, struct json *json);
};

/* A list of columns, as --columns has it, for pages of this width and more. */
struct column_set {
    unsigned from_width;
    const char *columns;
};

enum { COLUMN_SETS = 3 };

struct field_table {
    const struct field *fields;
    size_t n;

    const char *rows;                        /* of formats of rows */
    struct column_set by_width[COLUMN_SETS]; /* of pages, the widest first,
                                              * the last from 0 */
    const char *unlimited;                   /* without a width */
    const char *expanded, *unaligned;        /* NULL: as by width */

    enum tone (*tone)(const void *row); /* NULL: plain */
    bool (*is_whole)(const void *row);  /* false: absent is not shown; NULL: always */
};

/* ---- columns: field_columns.c ---- */

enum { MOST_COLUMNS = 96 };

struct field_choice {
    const struct field *fields[MOST_COLUMNS];
    bool descending[MOST_COLUMNS]; /* of a choice to sort by */
    size_t n;
};

/* Whether view->columns and view->sort can be understood, and the format has columns;
 * else a usage error with a suggestion. */
bool field_check_view(const struct field_table *table, const struct view *view,
                      struct pgcensus_error *ret_error);

/* What the view asks for, or the set that it gets.  It must have been checked. */
struct field_choice field_choose(const struct field_table *table,
                                 const struct view *view);
/* Nothing if no order is asked for. */
struct field_choice field_order(const struct field_table *table,
                                const struct view *view);
/* Whether a column of that name is among them. */
bool field_chosen(const struct field_choice *choice, const char *column);

/* ---- pages and rows: field_rows.c ---- */

/* Each row is size bytes. */
struct field_rows {
    const struct field_table *table;
    const void *rows;
    size_t size, n;
};

void field_write_rows(const struct field_rows *rows, const struct view *view,
                      struct buf *out);

/* ---- documents: field_keys.c ---- */

/* The keys of a row, within an object that was begun. */
void field_write_keys(const struct field_table *table, const void *row,
                      struct json *json);

/* An array of objects. */
void field_write_array(const struct field_rows *rows, struct json *json);

/* An object per row and line, and nothing else. */
void field_write_lines(const struct field_rows *rows, const struct view *view,
                       struct buf *out);

#endif
