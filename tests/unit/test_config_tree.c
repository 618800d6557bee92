#include "config/read/tree.h"

#include "config_stage.h"

#include <string.h>

struct value_input {
    struct source source;
    struct diagnostic_list diagnostics;
    struct tree tree;
    bool good;
};

static void fini_reading(struct value_input *input)
{
    tree_fini(&input->tree);
    diagnostic_list_fini(&input->diagnostics);
    source_fini(&input->source);
}
AUTO_DEFINE_VALUE(struct value_input, fini_reading)

static struct value_input read_yaml(const char *yaml)
{
    struct value_input input = {.source = {.name = "test"}};
    input.source.file.bytes = strdup(yaml);
    input.source.file.n = strlen(yaml);
    input.good = tree_read(&input.tree, &input.source, &input.diagnostics);
    return input;
}

/* The tree as text, with the position of every node. */
static void add_shape(const struct tree *tree, tree_id id, struct buf *out)
{
    const struct tree_node *node = tree_at(tree, id);
    buf_add_format(out, "%u:%u", node->line, node->column);
    if (node->tagged)
        buf_add_char(out, '!');
    switch ((enum tree_kind)node->kind) {
    case TREE_NOTHING:
        buf_add_char(out, '?');
        return;
    case TREE_SCALAR:
        buf_add_format(out, node->plain ? "=%s" : "='%s'", tree_text(tree, id));
        return;
    case TREE_ALIAS:
        buf_add_format(out, "*%s", tree_text(tree, id));
        return;
    case TREE_MAPPING:
    case TREE_SEQUENCE:
        break;
    }
    bool mapping = node->kind == TREE_MAPPING;
    buf_add_char(out, mapping ? '{' : '[');
    for (tree_id child = tree_first(tree, id); child;
         child = tree_at(tree, child)->next) {
        add_shape(tree, child, out);
        if (tree_at(tree, child)->next)
            buf_add_char(out, ' ');
    }
    buf_add_char(out, mapping ? '}' : ']');
}

static void assert_shape(const char *yaml, const char *expected)
{
    AUTO(fini_reading) struct value_input input = read_yaml(yaml);
    AUTO(buf_fini) struct buf shape = BUF_INIT;
    assert_true(input.good);
    if (input.tree.root)
        add_shape(&input.tree, input.tree.root, &shape);
    assert_string_equal(shape.bytes, expected);
}

static void knows_where_everything_stands(void **state)
{
    assert_shape("", "");
    assert_shape("a", "1:1=a");
    assert_shape("'a'", "1:1='a'");
    assert_shape("a: b", "1:1{1:1=a 1:4=b}");
    assert_shape("a:\n  - b\n  - {c: d}\n", "1:1{1:1=a 2:3[2:5=b 3:5{3:6=c 3:9=d}]}");
    assert_shape("a: !!str b\nc: &x d\ne: *x\n",
                 "1:1{1:1=a 1:4!=b 2:1=c 2:4=d 3:1=e 3:4*x}");
    assert_shape("a: \"x\\ny\"\nb: |\n  one\n  two\n",
                 "1:1{1:1=a 1:4='x\ny' 2:1=b 2:4='one\ntwo\n'}");
    assert_shape("\xc3\xa9: x", "1:1{1:1=\xc3\xa9 1:4=x}");
    assert_shape("[]", "1:1[]");
    assert_shape("? [a]\n: b\n", "1:1{1:3[1:4=a] 2:3=b}");
}

static void keys_are_found_in_mappings(void **state)
{
    AUTO(fini_reading) struct value_input input = read_yaml("a: 1\nb: {c: 2}\n");
    const struct tree *tree = &input.tree;
    tree_id b = tree_find(tree, tree->root, "b");
    assert_string_equal(tree_text(tree, tree_find(tree, b, "c")), "2");
    assert_int_equal(tree_find(tree, b, "a"), 0);
    assert_int_equal(tree_find(tree, tree_find(tree, tree->root, "a"), "x"), 0);
    assert_int_equal(tree_find(tree, 0, "x"), 0);
}

static void assert_fault(const char *yaml, unsigned line, unsigned column,
                         const char *message)
{
    AUTO(fini_reading) struct value_input input = read_yaml(yaml);
    assert_false(input.good);
    assert_int_equal(input.diagnostics.kept.n, 1);
    const struct pgcensus_diagnostic *item = &input.diagnostics.kept.items[0];
    char found[128], expected[128];
    snprintf(found, sizeof found, "%u:%u: %s", item->line, item->column, item->message);
    snprintf(expected, sizeof expected, "%u:%u: %s", line, column, message);
    assert_string_equal(found, expected);
}

static void explains_faults_of_the_syntax(void **state)
{
    static const struct {
        const char *yaml;
        unsigned line, column;
        const char *message;
    } stories[] = {
        {"nodes:\n\t- name: a\n", 2, 1, "a tab in the indentation"},
        {"nodes:\n  - name a\n    host: x\n", 3, 9, "a \":\" where no key can be"},
        {"a: @x\n", 1, 4, "a value cannot begin with \"@\""},
        {"a: `x`\n", 1, 4, "a value cannot begin with \"`\""},
        {"a: b\nc\nd: e\n", 2, 1, "a key without \":\""},
        {"a: b: c\n", 1, 5, "a \":\" where no key can be"},
        {"a: 1\n b: 2\n", 2, 3, "a \":\" where no key can be"},
        {"a:\n    b: 1\n  c: 2\n", 3, 3, "this does not line up with the keys above"},
        {"- a\nb: c\n", 2, 1, "this does not line up with the list above"},
        {"a: - b\n", 1, 4, "a list entry \"- \" where none can be"},
        {"a: \"b\nc: d\n", 1, 4, "a quotation mark that is never closed"},
        {"a: 'it's'\n", 1, 8, "something behind a value"},
        {"a: ]\n", 1, 4, "no value where one must be"},
        {"a: 'b\n", 1, 4, "a quotation mark that is never closed"},
        {"a: \"\\q\"\n", 1, 5, "an unknown escape sequence in double quotes"},
        {"a: {b: c\nd: e\n", 1, 4, "a \"{\" without \",\" or \"}\" in its place"},
        {"a: [b, c\n", 1, 4, "a \"[\" without \",\" or \"]\" in its place"},
        {"a: b\x01\n", 1, 5, "a control character that YAML does not allow"},
        {"a: b\n---\nc: d\n", 2, 1,
         "a second document begins here; a configuration is one"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        assert_fault(stories[i].yaml, stories[i].line, stories[i].column,
                     stories[i].message);
}

static void depth_has_a_limit(void **state)
{
    char yaml[256] = "";
    memset(yaml, '[', 64);
    memset(yaml + 64, ']', 64);
    yaml[128] = '\0';
    AUTO(fini_reading) struct value_input deep = read_yaml(yaml);
    assert_true(deep.good);
    memset(yaml, '[', 65);
    memset(yaml + 65, ']', 65);
    yaml[130] = '\0';
    assert_fault(yaml, 1, 65, "nested deeper than 64 levels");
}

static bool is_hidden(const struct value_input *input, unsigned line)
{
    for (size_t i = 0; i < input->source.n_hidden; i++)
        if (line >= input->source.hidden[i].first &&
            line <= input->source.hidden[i].last)
            return true;
    return false;
}

/* Which lines must not be shown, as digits. */
static void assert_hides(const char *yaml, const char *lines)
{
    AUTO(fini_reading) struct value_input input = read_yaml(yaml);
    for (unsigned line = 1; line <= 6; line++)
        assert_int_equal(is_hidden(&input, line),
                         strchr(lines, (char)('0' + line)) != NULL);
}

static void hides_secrets_apart_from_their_keys(void **state)
{
    assert_hides("password: x\na: b\n", "");
    assert_hides("a: b\npassword:\n  x\n", "3");
    assert_hides("password: |\n  x\n  y\na: b\n", "1234");
    assert_hides("password: 'x\n  y'\na: b\n", "12");
    assert_hides("password: [x,\n  y]\na: b\n", "12");
    assert_hides("a: {password: {b: {c: x,\n d: y}}}\na: b\n", "12");
    assert_hides("? password\n: x\n", "2");
    assert_hides("a: b\npassword: \"x\n", "23456");
    assert_hides("a: b\nuser: \"x\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_where_everything_stands),
        cmocka_unit_test(keys_are_found_in_mappings),
        cmocka_unit_test(explains_faults_of_the_syntax),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(hides_secrets_apart_from_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
