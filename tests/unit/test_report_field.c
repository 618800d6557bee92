#include "report/check_fields.h"
#include "report/nodes.h"
#include "report/settings.h"
#include "report/topology_fields.h"
#include "tests/test.h"

#include <string.h>

/* Of tables of checks only what they name is tried here. */
const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return NULL;
}

struct thing {
    const char *name;
    long size;
    bool has_part, has_inner;
};

static const struct thing *thing_of(const void *row)
{
    return row;
}

static bool get_name(const void *row, struct field_value *ret_value)
{
    return value_string(ret_value, thing_of(row)->name);
}

static bool get_size(const void *row, struct field_value *ret_value)
{
    return value_number(ret_value, thing_of(row)->size, thing_of(row)->size >= 0);
}

static bool has_part(const void *row, struct field_value *ret_value)
{
    return thing_of(row)->has_part;
}

static bool has_inner(const void *row, struct field_value *ret_value)
{
    return thing_of(row)->has_inner;
}

static void write_list(const void *row, struct json *json)
{
    json_begin_array(json);
    json_end_array(json);
}

static void show_shape(const void *row, const struct look *look,
                       struct field_value *ret_value)
{
    buf_add_str(&ret_value->made, thing_of(row)->has_part ? "+" : "");
}

static const struct field fields[] = {
    {.column = "shape",
     .heading = "",
     .traits = FIELD_SHAPE,
     .absent = "",
     .show = show_shape},
    {.key = "name", .heading = "NAME", .absent = "?", .get = get_name},
    {.key = "part", .unit = UNIT_OBJECT, .get = has_part},
    {.key = "part.size",
     .column = "part_size",
     .heading = "SIZE",
     .unit = UNIT_BYTES,
     .absent = "-",
     .get = get_size},
    {.key = "part.inner", .unit = UNIT_OBJECT, .get = has_inner},
    {.key = "part.inner.time_ms",
     .heading = "TIME",
     .unit = UNIT_MILLISECONDS,
     .get = get_size},
    {.key = "part.last", .heading = "LAST", .unit = UNIT_FLAG, .get = get_size},
    {.key = "partial", .write = write_list},
};

static const struct field_table table = {
    .fields = fields,
    .n = ARRAY_SIZE(fields),
    .rows = "name,part_size",
    .by_width = {{50, "shape,name,part_size"}, {20, "name,part_size"}, {0, "name"}},
    .unlimited = "shape,name,part_size,part.inner.time_ms",
};

static const struct thing things[] = {
    {"b2", 2048, true, true}, {"b10", -1, true, false}, {NULL, 1, false, true}};

static void assert_rows(struct row_view view, const char *format, const char *expected)
{
    const struct field_rows rows = {&table, things, sizeof *things, 3};
    struct pgcensus_error error = {.message = ""};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    view.format = format_find(format);
    assert_true(field_check_view(&table, &view, &error));
    field_write_rows(&rows, &view, &out);
    assert_string_equal(out.bytes, expected);
}

#define VIEW(...) ((struct row_view){__VA_ARGS__})

static void objects_are_keys_with_dots(void **state)
{
    const struct field_rows rows = {&table, things, sizeof *things, 3};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    field_write_lines(&rows, NULL, &out);
    assert_string_equal(out.bytes,
                        "{\"name\":\"b2\",\"part\":{\"size\":2048,\"inner\":"
                        "{\"time_ms\":0.002},\"last\":true},\"partial\":[]}\n"
                        "{\"name\":\"b10\",\"part\":{\"size\":null,\"inner\":null,"
                        "\"last\":null},\"partial\":[]}\n"
                        "{\"name\":null,\"part\":null,\"partial\":[]}\n");
}

static void a_set_is_chosen_by_the_width(void **state)
{
    assert_rows(VIEW(.look = {.width = 10}), "table", "NAME\nb2\nb10\n?\n");
    assert_rows(VIEW(.look = {.width = 20}), "table",
                "NAME     SIZE\n"
                "b2    2.00 kB\n"
                "b10         -\n"
                "?         1 B\n");
    assert_rows(VIEW(.look = {.width = 99}), "table",
                "   NAME     SIZE\n"
                "+  b2    2.00 kB\n"
                "+  b10         -\n"
                "   ?         1 B\n");
}

static void programs_read_exact_values(void **state)
{
    assert_rows(VIEW(.look = {.width = 10}), "csv",
                "name,part_size\nb2,2048\nb10,\n,1\n");
    assert_rows(VIEW(.columns = "part.inner.time_ms,LAST"), "csv",
                "part.inner.time_ms,part.last\n0.002,true\n,\n0,true\n");
}

static void what_stands_for_null_stands_for_what_is_absent(void **state)
{
    assert_rows(VIEW(.columns = "name,size", .look = {.unaligned = true, .null = "NA"}),
                "table", "NAME|SIZE\nb2|2.00 kB\nb10|NA\nNA|1 B\n");
}

static void the_unknown_is_last_in_any_order(void **state)
{
    assert_rows(VIEW(.sort = "name"), "csv", "name,part_size\nb2,2048\nb10,\n,1\n");
    assert_rows(VIEW(.sort = "-name"), "csv", "name,part_size\nb10,\nb2,2048\n,1\n");
    assert_rows(VIEW(.sort = "size"), "csv", "name,part_size\n,1\nb2,2048\nb10,\n");
    assert_rows(VIEW(.sort = "-SIZE"), "csv", "name,part_size\nb2,2048\n,1\nb10,\n");
}

static void assert_set(const struct field_table *of, const char *format,
                       const char *columns)
{
    const struct row_view view = {.format = format_find(format)};
    struct field_table alone = *of;
    size_t n = 1;
    if (!columns)
        return;
    alone.rows = alone.unlimited = columns;
    for (const char *at = columns; (at = strchr(at, ',')); at++)
        n++;
    if (field_choose(&alone, &view).n != n)
        fail_msg("%s: not all are columns", columns);
}

static void sets_name_columns_that_there_are(void **state)
{
    static const struct field_table *const tables[] = {
        &table, &node_fields, &setting_fields, &check_fields, &tree_fields};
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        const struct field_table *of = tables[i];
        const char *const sets[] = {of->unlimited, of->expanded, of->unaligned};
        assert_non_null(of->rows);
        assert_non_null(of->unlimited);
        assert_non_null(of->by_width[0].columns);
        for (size_t j = 0; j < ARRAY_SIZE(sets); j++)
            assert_set(of, "table", sets[j]);
        for (size_t j = 0; j < COLUMN_SETS; j++)
            assert_set(of, "table", of->by_width[j].columns);
        assert_set(of, "csv", of->rows);
        assert_true(of->n <= MOST_COLUMNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_keys_with_dots),
        cmocka_unit_test(a_set_is_chosen_by_the_width),
        cmocka_unit_test(programs_read_exact_values),
        cmocka_unit_test(what_stands_for_null_stands_for_what_is_absent),
        cmocka_unit_test(the_unknown_is_last_in_any_order),
        cmocka_unit_test(sets_name_columns_that_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
