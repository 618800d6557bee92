#include "report/check_table.h"

#include "base/memory.h"

static bool has_detail(const struct check_line *line)
{
    struct field_value value = {.made = BUF_INIT};
    bool has = check_get_message(line, &value);
    buf_fini(&value.made);
    return has;
}

/*   ✗  pg-fra2  connection refused
 *               (10.2.0.12:5432)    */
static void print_details(const struct check_line *lines, size_t n,
                          const struct row_view *view, struct buf *out)
{
    static const char columns[] = "mark,node,detail";
    struct field_table table = check_fields;
    struct row_view below = *view;
    AUTO(buf_fini) struct buf drawn = BUF_INIT;
    AUTO(free) struct check_line *told = memory_array(n, sizeof *told);
    size_t n_told = 0;
    if (!told) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (has_detail(&lines[i]))
            told[n_told++] = lines[i];
    table.unlimited = columns;
    table.by_width[0] = (struct column_set){0, columns};
    below.look.tuples_only = true;
    field_write_rows(&(struct field_rows){&table, told, sizeof *told, n_told}, &below,
                     &drawn);
    if (drawn.len > 0)
        buf_add_format(out, "\n%s", drawn.bytes);
    out->broken |= drawn.broken;
}

void check_table_print(struct check_line *lines, size_t n, const struct row_view *view,
                       struct buf *out)
{
    const struct field_choice choice = field_choose(&check_fields, view);
    bool has_addresses = field_chosen(&choice, "address");
    for (size_t i = 0; i < n; i++)
        lines[i].bare = has_addresses;
    field_write_rows(&(struct field_rows){&check_fields, lines, sizeof *lines, n}, view,
                     out);
    if (!view->columns && !field_chosen(&choice, "message"))
        print_details(lines, n, view, out);
}
