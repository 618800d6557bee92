/* Fields as columns of pages and of rows.
 *
 * A page shows a value as people read it, rows have it as programs do.  Sorted rows
 * keep their order where they are equal, and what is not known comes last, whichever
 * way one sorts: a gap is neither small nor large. */
#include "report/field.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- cells ---- */

struct row_printer {
    const struct field_table *table;
    const struct row_view *view;
    struct field_choice choice;
    struct field_value values[MOST_COLUMNS];
    struct cell cells[MOST_COLUMNS];
};

/* False: not known. */
static bool fill_value(const struct row_printer *printer, const struct field *field,
                       const void *row, struct field_value *value)
{
    bool is_page = printer->view->format->kind == FORMAT_PAGE;
    if (is_page && field->show) {
        field->show(row, &printer->view->look, value);
        return value->made.len > 0;
    }
    if (!field_get(field, row, value))
        return false;
    value_format(value, field->unit, is_page);
    return true;
}

static enum cell_kind kind_of(const struct field *field)
{
    if (field->unit == UNIT_FLAG)
        return CELL_BOOL;
    return field_is_number(field) ? CELL_NUMBER : CELL_TEXT;
}

static struct cell known_cell(const struct field *field,
                              const struct field_value *value)
{
    const char *text = value->text ? value->text : value->made.bytes;
    return (struct cell){.kind = kind_of(field),
                         .text = text,
                         .len = value->text ? strlen(text) : value->made.len,
                         .hang = value->hang};
}

/* With -P null=TEXT that text, wherever something is shown for it. */
static struct cell unknown_cell(const struct row_printer *printer,
                                const struct field *field, const void *row)
{
    const struct field_table *table = printer->table;
    const char *null = printer->view->look.null;
    const char *absent = field->absent ? field->absent : table->absent;
    if (printer->view->format->kind != FORMAT_PAGE || !absent)
        return cell_text(NULL);
    if (!*absent || (table->is_whole && !table->is_whole(row)))
        return cell_text("");
    return cell_text(null && *null ? NULL : absent);
}

static void print_row(struct row_printer *printer, const void *row,
                      struct writer *writer, struct buf *out)
{
    const struct field_table *table = printer->table;
    for (size_t i = 0; i < printer->choice.n; i++) {
        const struct field *field = printer->choice.fields[i];
        struct field_value *value = &printer->values[i];
        value_clear(value);
        printer->cells[i] = fill_value(printer, field, row, value)
                                ? known_cell(field, value)
                                : unknown_cell(printer, field, row);
        if (field->traits & FIELD_TONED && table->tone)
            printer->cells[i].tone = table->tone(row);
        out->broken |= value->made.broken;
    }
    writer_row(writer, printer->cells);
}

/* ---- order ---- */

struct sorting {
    const struct field_choice *by;
    struct field_value left, right;
};

static int compare_known(enum unit unit, const struct field_value *left,
                         const struct field_value *right)
{
    int order = (left->number > right->number) - (left->number < right->number);
    if (order != 0 || unit != UNIT_TEXT)
        return order;
    return strverscmp(left->text ? left->text : left->made.bytes,
                      right->text ? right->text : right->made.bytes);
}

static bool get_value(const struct field *field, const void *row,
                      struct field_value *value)
{
    value_clear(value);
    return field_get(field, row, value);
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const char *one = *(const char *const *)a, *other = *(const char *const *)b;
    struct sorting *sorting = context;
    for (size_t i = 0; i < sorting->by->n; i++) {
        const struct field *field = sorting->by->fields[i];
        bool left = get_value(field, one, &sorting->left);
        bool right = get_value(field, other, &sorting->right);
        int order = right - left;
        if (left && right)
            order = compare_known(field->unit, &sorting->left, &sorting->right);
        if (left && right && sorting->by->descending[i])
            order = -order;
        if (order != 0)
            return order;
    }
    return (one > other) - (one < other);
}

/* NULL: no memory.  Freed by the caller. */
static const void **list_rows(const struct field_rows *rows,
                              const struct row_view *view)
{
    const void **list = memory_array(rows->n, sizeof *list);
    struct field_choice by = field_order(rows->table, view);
    struct sorting sorting = {&by, {.made = BUF_INIT}, {.made = BUF_INIT}};
    if (!list)
        return NULL;
    for (size_t i = 0; i < rows->n; i++)
        list[i] = (const char *)rows->rows + i * rows->size;
    if (by.n > 0)
        qsort_r(list, rows->n, sizeof *list, compare_rows, &sorting);
    buf_fini(&sorting.left.made);
    buf_fini(&sorting.right.made);
    return list;
}

/* ---- all of them ---- */

static struct column column_for(const struct field *field, bool is_page)
{
    const char *name = field->column ? field->column : field->key;
    return (struct column){
        .name = is_page ? field->heading : name,
        .align = field_is_number(field) ? ALIGN_RIGHT : ALIGN_LEFT,
        .flexible = field->traits & FIELD_FLEXIBLE,
    };
}

void field_write_rows(const struct field_rows *rows, const struct row_view *view,
                      struct buf *out)
{
    struct row_printer printer = {rows->table, view, field_choose(rows->table, view)};
    struct column columns[MOST_COLUMNS];
    size_t n = printer.choice.n;
    AUTO(free) const void **list = list_rows(rows, view);
    if (!list) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        printer.values[i] = (struct field_value){.made = BUF_INIT};
        columns[i] =
            column_for(printer.choice.fields[i], view->format->kind == FORMAT_PAGE);
    }
    struct writer *writer =
        writer_begin(view->format->rows, out, &view->look, columns, n);
    for (size_t i = 0; i < rows->n; i++)
        print_row(&printer, list[i], writer, out);
    writer_end(writer);
    for (size_t i = 0; i < n; i++)
        buf_fini(&printer.values[i].made);
}
