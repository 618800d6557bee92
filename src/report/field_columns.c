/* Which columns: those that were asked for, or a set by the format and the width.
 *
 * A name is that of a column or of its heading, in any case, since that is what people
 * have before their eyes. */
#include "report/field.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

static const char *column_of(const struct field *field)
{
    return field->column ? field->column : field->key;
}

static bool is_column(const struct field *field)
{
    return field->heading != NULL;
}

static bool is_named(const char *name, const char *word, size_t n)
{
    return strlen(name) == n && strncasecmp(name, word, n) == 0;
}

static const char *title_of(const struct field *field, bool by_heading)
{
    return by_heading ? field->heading : column_of(field);
}

/* What stands on a page is meant there, and what stands in CSV is meant there. */
static const struct field *find_column(const struct field_table *table, bool is_page,
                                       const char *word, size_t n)
{
    for (int other = 0; other < 2; other++)
        for (size_t i = 0; i < table->n; i++)
            if (is_column(&table->fields[i]) &&
                is_named(title_of(&table->fields[i], is_page != other), word, n))
                return &table->fields[i];
    return NULL;
}

/* Shapes are for sets alone. */
static bool is_for_all(const struct field *field, const struct row_view *view,
                       const char *list)
{
    bool is_asked_for = list == view->columns || list == view->sort;
    return field && !(is_asked_for && field->traits & FIELD_SHAPE);
}

static bool refuse_column(const struct field_table *table, const char *option,
                          const char *word, size_t n, struct pgcensus_error *ret_error)
{
    const char *names[2 * MOST_COLUMNS];
    char typed[64];
    size_t n_names = 0;
    for (size_t i = 0; i < table->n; i++) {
        const struct field *field = &table->fields[i];
        if (!is_column(field) || field->traits & FIELD_SHAPE)
            continue;
        names[n_names++] = column_of(field);
        names[n_names++] = field->heading;
    }
    snprintf(typed, sizeof typed, "%.*s", (int)n, word);
    const char *nearest = text_closest(typed, names, n_names);
    if (nearest)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "%s: unknown column \"%s\" (did you mean \"%s\"?)", option,
                         typed, nearest);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s: unknown column \"%s\"",
                     option, typed);
}

/* In front of a name to sort by a - may stand. */
static bool read_list(const struct field_table *table, const struct row_view *view,
                      const char *option, const char *list,
                      struct field_choice *ret_choice, struct pgcensus_error *ret_error)
{
    bool is_page = view->format->kind == FORMAT_PAGE, signs = list == view->sort;
    ret_choice->n = 0;
    for (const char *at = list;; at++) {
        bool descending = signs && *at == '-';
        at += descending;
        size_t n = strcspn(at, ",");
        const struct field *field = find_column(table, is_page, at, n);
        if (!is_for_all(field, view, list))
            return refuse_column(table, option, at, n, ret_error);
        if (ret_choice->n == MOST_COLUMNS)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                             "%s: more than %d columns", option, MOST_COLUMNS);
        ret_choice->fields[ret_choice->n] = field;
        ret_choice->descending[ret_choice->n++] = descending;
        at += n;
        if (!*at)
            return true;
    }
}

bool field_check_view(const struct field_table *table, const struct row_view *view,
                      struct pgcensus_error *ret_error)
{
    struct field_choice choice;
    bool has_columns = view->format->rows;
    if (view->columns && !has_columns)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "--columns belongs to tables and rows; %s always has all keys",
                         view->format->name);
    if (view->sort && !has_columns)
        return error_set(
            ret_error, PGCENSUS_TROUBLE_USAGE,
            "--sort belongs to tables and rows; %s has an order of its own",
            view->format->name);
    return (!view->columns ||
            read_list(table, view, "--columns", view->columns, &choice, ret_error)) &&
           (!view->sort ||
            read_list(table, view, "--sort", view->sort, &choice, ret_error));
}

static const char *set_by_width(const struct field_table *table, unsigned width)
{
    size_t i = 0;
    if (width == 0)
        return table->unlimited;
    while (width < table->by_width[i].from_width)
        i++;
    return table->by_width[i].columns;
}

static const char *choose_set(const struct field_table *table,
                              const struct row_view *view)
{
    const struct look *look = &view->look;
    if (view->format->kind != FORMAT_PAGE)
        return table->rows;
    if (look->unaligned && table->unaligned)
        return table->unaligned;
    if (look->expanded && !look->unaligned && table->expanded)
        return table->expanded;
    return set_by_width(table, look->width);
}

struct field_choice field_choose(const struct field_table *table,
                                 const struct row_view *view)
{
    const char *list = view->columns ? view->columns : choose_set(table, view);
    struct field_choice choice = {.n = 0};
    struct pgcensus_error unused;
    read_list(table, view, "", list, &choice, &unused);
    return choice;
}

struct field_choice field_order(const struct field_table *table,
                                const struct row_view *view)
{
    struct field_choice choice = {.n = 0};
    struct pgcensus_error unused;
    if (view->sort)
        read_list(table, view, "", view->sort, &choice, &unused);
    return choice;
}

const struct field *field_find(const struct field_table *table, const char *column)
{
    return column ? find_column(table, /* is_page= */ false, column, strlen(column))
                  : NULL;
}

bool field_chosen(const struct field_choice *choice, const char *column)
{
    for (size_t i = 0; i < choice->n; i++)
        if (strcmp(column_of(choice->fields[i]), column) == 0)
            return true;
    return false;
}
