/* libcyaml's schemas are not type-checked: this loads a file that sets every key and
 * looks whether each landed where it belongs. */
#include "config/read/bind.h"
#include "config/read/lint.h"

#include "base/buf.h"

#include "config_stage.h"

#include <string.h>

/* Prints every field of the tables as YAML; its value names its path: "v:pool.max". */
struct printer {
    struct buf yaml;
    bool seen[KEY_COUNT];
};

static void print_fields(struct printer *printer, const cyaml_schema_field_t *fields,
                         unsigned depth, const char *prefix)
{
    for (; fields->key; fields++) {
        AUTO(buf_fini) struct buf joined = BUF_INIT;
        buf_add_format(&joined, "%s%s%s", prefix, *prefix ? "." : "", fields->key);
        const char *path = joined.bytes;
        buf_add_repeat(&printer->yaml, ' ', 2 * depth);
        if (fields->value.type == CYAML_MAPPING) {
            assert_int_equal(fields->data_offset, 0);
            buf_add_format(&printer->yaml, "%s:\n", fields->key);
            print_fields(printer, fields->value.mapping.fields, depth + 1, path);
        } else if (fields->value.type == CYAML_SEQUENCE) {
            buf_add_format(&printer->yaml, "%s: [l=1, m=2]\n", fields->key);
        } else {
            enum key key = schema_key(fields->data_offset);
            assert_int_equal(fields->value.type, CYAML_STRING);
            assert_string_equal(key_row(key)->path, path);
            assert_false(printer->seen[key]);
            printer->seen[key] = true;
            buf_add_format(&printer->yaml, "%s: \"v:%s\"\n", fields->key, path);
        }
    }
}

static void assert_bound(const struct printer *printer, const struct raw *raw,
                         bool labels)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        if (!printer->seen[key]) {
            assert_null(raw->text[key]);
            continue;
        }
        assert_memory_equal(raw->text[key], "v:", 2);
        assert_string_equal(raw->text[key] + 2, key_row(key)->path);
    }
    assert_int_equal(raw->n_labels, labels ? 2 : 0);
    if (labels)
        assert_string_equal(raw->labels[1], "m=2");
}

static struct raw_file *bind_yaml(struct buf *yaml)
{
    struct source source = {.name = "test"};
    AUTO(diagnostic_list_fini)
    struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
    AUTO(tree_fini) struct tree tree = {.n = 0};
    source.file.bytes = yaml->bytes;
    source.file.n = yaml->len;
    assert_true(tree_read(&tree, &source, &diagnostics));
    AUTO(schema_free) struct schema *schema = schema_new();
    assert_non_null(schema);
    assert_true(lint_tree(&tree, schema, &diagnostics));
    struct raw_file *raw = bind_text(&source, schema, &diagnostics);
    free(source.hidden);
    return raw;
}

static void every_key_of_a_node_lands_in_its_place(void **state)
{
    struct printer printer = {.yaml = BUF_INIT};
    buf_add_str(&printer.yaml, "nodes:\n  -\n");
    AUTO(schema_free) struct schema *schema = schema_new();
    print_fields(&printer, schema->node, 2, "");
    AUTO(bind_free) struct raw_file *raw = bind_yaml(&printer.yaml);
    assert_non_null(raw);
    assert_int_equal(raw->n_nodes, 1);
    assert_bound(&printer, &raw->nodes[0], true);
    for (unsigned key = 0; key < KEY_REQUIRE_PRIMARIES; key++)
        assert_true(printer.seen[key]);
    buf_fini(&printer.yaml);
}

static void every_key_of_the_defaults_lands_in_its_place(void **state)
{
    struct printer printer = {.yaml = BUF_INIT};
    AUTO(schema_free) struct schema *schema = schema_new();
    buf_add_str(&printer.yaml, "nodes: [{name: a}]\ndefaults:\n");
    print_fields(&printer, schema->defaults, 1, "");
    AUTO(bind_free) struct raw_file *raw = bind_yaml(&printer.yaml);
    assert_non_null(raw);
    assert_bound(&printer, &raw->defaults, true);
    assert_false(printer.seen[KEY_NAME]);
    assert_false(printer.seen[KEY_GROUP]);
    buf_fini(&printer.yaml);
}

static void every_key_of_a_group_lands_in_its_place(void **state)
{
    static const char yaml[] =
        "nodes: [{name: a}]\n"
        "groups:\n"
        "  - name: g\n"
        "    require: {primaries: 1, standbys: 2, min_healthy: 3}\n"
        "    thresholds:\n"
        "      latency: {warn: 4, critical: 5}\n"
        "      lag_bytes: {warn: 6, critical: 7}\n"
        "      uptime: {critical: 9}\n"
        "    defaults: {port: 8, labels: [a=b]}\n"
        "  - name: h\n";
    AUTO(buf_fini) struct buf text = BUF_INIT;
    buf_add_str(&text, yaml);
    AUTO(bind_free) struct raw_file *raw = bind_yaml(&text);
    assert_non_null(raw);
    assert_int_equal(raw->n_groups, 2);
    char **own = raw->groups[0].own.text;
    assert_string_equal(own[KEY_NAME], "g");
    assert_string_equal(own[KEY_REQUIRE_PRIMARIES], "1");
    assert_string_equal(own[KEY_REQUIRE_STANDBYS], "2");
    assert_string_equal(own[KEY_REQUIRE_MIN_HEALTHY], "3");
    assert_string_equal(own[KEY_THRESHOLDS_LATENCY_WARN], "4");
    assert_string_equal(own[KEY_THRESHOLDS_LATENCY_CRITICAL], "5");
    assert_string_equal(own[KEY_THRESHOLDS_LAG_BYTES_WARN], "6");
    assert_string_equal(own[KEY_THRESHOLDS_LAG_BYTES_CRITICAL], "7");
    assert_string_equal(own[KEY_THRESHOLDS_UPTIME_CRITICAL], "9");
    assert_null(own[KEY_THRESHOLDS_UPTIME_WARN]);
    assert_null(own[KEY_PORT]);
    assert_string_equal(raw->groups[0].defaults.text[KEY_PORT], "8");
    assert_int_equal(raw->groups[0].defaults.n_labels, 1);
    assert_string_equal(raw->groups[1].own.text[KEY_NAME], "h");
    assert_null(raw->groups[1].defaults.text[KEY_PORT]);
}

static void rows_are_complete(void **state)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const struct key_row *row = key_row((enum key)key);
        enum key found;
        assert_non_null(row->path);
        assert_true(key_find(row->path, &found));
        assert_int_equal(found, key);
        assert_null(key_refused(row->path));
        if (row->kind == KIND_CHOICE)
            assert_true(row->choices[0] || row->choices[1] || row->choices[2]);
        if (row->keyword)
            assert_true(row->libpq && (row->kind != KIND_DURATION || row->unit > 0));
    }
    assert_string_equal(key_suggest("pool.maxx"), "pool.max");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_node_lands_in_its_place),
        cmocka_unit_test(every_key_of_the_defaults_lands_in_its_place),
        cmocka_unit_test(every_key_of_a_group_lands_in_its_place),
        cmocka_unit_test(rows_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
