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
#include "report/row_view.h"

#include <pgcensus/status.h>

enum unit {
    UNIT_TEXT,
    UNIT_FLAG,
    UNIT_IDENTIFIER, /* 64 bits, so a text in JSON, whose numbers have 53 */
    UNIT_LSN,        /* as the server writes it, 16/B374D848 */
    UNIT_MOMENT,     /* wall clock, nsec since 1970 */
    UNIT_COUNT,
    UNIT_BYTES,
    UNIT_MILLISECONDS, /* programs read milliseconds, to the microsecond */
    UNIT_SECONDS,      /* programs read seconds, to the microsecond */
    UNIT_OBJECT,       /* holds the fields whose keys begin with its own and a dot */
};

/* The value of a field, or what a page shows of it. */
struct field_value {
    const char *text; /* of UNIT_TEXT; NULL: what stands in made */
    int64_t number;   /* of the other units; times are nsec.  Of a text its rank */
    struct buf made;  /* a text that nothing else keeps */
    size_t hang;      /* of made, see struct cell */
};

/* For get: true if it is known.  NULL is not; an empty text is one, or is not. */
static inline bool value_string(struct field_value *ret_value, const char *text)
{
    ret_value->text = text;
    return text;
}

static inline bool value_text(struct field_value *ret_value, const char *text)
{
    return *text && value_string(ret_value, text);
}

static inline bool value_number(struct field_value *ret_value, int64_t number,
                                bool known)
{
    ret_value->number = number;
    return known;
}

/* Which member of a struct a field is, and which of its values say that it is not
 * known.  A NULL is never known. */
enum member_type {
    MEMBER_NONE,
    MEMBER_BOOL,
    MEMBER_INT8,
    MEMBER_UINT16,
    MEMBER_INT,
    MEMBER_UNSIGNED,
    MEMBER_INT64,
    MEMBER_UINT64,
    MEMBER_POINTER, /* const char * */
    MEMBER_ARRAY,   /* char[] */
};

enum unknown { ALWAYS_KNOWN, UNKNOWN_IF_NEGATIVE, UNKNOWN_IF_ZERO /* or empty */ };

/* clang-format off */
#define MEMBER(struct_, member_)                                                       \
    .at = offsetof(struct_, member_),                                                  \
    .type = _Generic(((struct_ *)0)->member_,                                          \
                     bool: MEMBER_BOOL, int8_t: MEMBER_INT8, uint16_t: MEMBER_UINT16,  \
                     int: MEMBER_INT, unsigned: MEMBER_UNSIGNED,                       \
                     int64_t: MEMBER_INT64, uint64_t: MEMBER_UINT64,                   \
                     const char *: MEMBER_POINTER, char *: MEMBER_ARRAY)
/* clang-format on */

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
    const char *absent; /* what a page shows if it is not known; NULL: as the table */

    /* Where it is: base finds the struct for a row (NULL: the row itself; it returns
     * NULL if nothing of it is known), MEMBER() its member.  Of an object base says
     * whether there is one. */
    const void *(*base)(const void *row);
    size_t at;
    enum member_type type;
    enum unknown unknown;
    /* In their place.  False: not known. */
    bool (*get)(const void *row, struct field_value *ret_value);
    /* What a page shows into made, if that is not what the unit says; nothing: absent.
     */
    void (*show)(const void *row, const struct look *look,
                 struct field_value *ret_value);
    /* Of a list or an object of any keys: its value in documents. */
    void (*write)(const void *row, struct json *json);
};

/* The first words of a row: what it is called in documents, in rows and on pages. */
#define FIELD(key_, column_, heading_)                                                 \
    .key = key_, .column = column_, .heading = heading_

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

    const char *absent; /* of fields without one of their own; NULL: as for NULL */
    enum tone (*tone)(const void *row); /* NULL: plain */
    bool (*is_whole)(const void *row);  /* false: absent is not shown; NULL: always */
};

/* ---- values ---- */

/* Ready for the next one. */
void value_clear(struct field_value *value);

/* Into a value that is clear.  False: not known. */
bool field_get(const struct field *field, const void *row,
               struct field_value *ret_value);
/* Whether its values are compared by size, and stand to the right. */
bool field_is_number(const struct field *field);
/* A length or a moment, in nsec. */
bool field_is_time(const struct field *field);
/* As text: of identifiers, positions and moments the one that all formats have, of the
 * others for people or for programs. */
void value_format(struct field_value *value, enum unit unit, bool for_people);

/* ---- columns: field_columns.c ---- */

enum { MOST_COLUMNS = 96 };

struct field_choice {
    const struct field *fields[MOST_COLUMNS];
    bool descending[MOST_COLUMNS]; /* of a choice to sort by */
    size_t n;
};

/* Whether view->columns and view->sort can be understood, and the format has columns;
 * else a usage error with a suggestion. */
bool field_check_view(const struct field_table *table, const struct row_view *view,
                      struct pgcensus_error *ret_error);

/* What the view asks for, or the set that it gets.  It must have been checked. */
struct field_choice field_choose(const struct field_table *table,
                                 const struct row_view *view);
/* Nothing if no order is asked for. */
struct field_choice field_order(const struct field_table *table,
                                const struct row_view *view);
/* The field that is that column in formats of rows; NULL for NULL, and if there is
 * none.
 */
const struct field *field_find(const struct field_table *table, const char *column);
/* Whether a column of that name is among them. */
bool field_chosen(const struct field_choice *choice, const char *column);

/* ---- pages and rows: field_rows.c ---- */

/* Each row is size bytes. */
struct field_rows {
    const struct field_table *table;
    const void *rows;
    size_t size, n;
};

void field_write_rows(const struct field_rows *rows, const struct row_view *view,
                      struct buf *out);

/* ---- documents: field_keys.c ---- */

/* The keys of a row, within an object that was begun. */
void field_write_keys(const struct field_table *table, const void *row,
                      struct json *json);

/* An array of objects. */
void field_write_array(const struct field_rows *rows, struct json *json);

/* An object per row and line, and nothing else. */
void field_write_lines(const struct field_rows *rows, const struct row_view *view,
                       struct buf *out);

#endif
