#include "base/list.h"

#include "base/auto.h"
#include "tests/test.h"

struct item {
    char letter;
    struct list_node node;
};

static struct item *item_of(struct list_node *node)
{
    return container_of(node, struct item, node);
}

static void assert_letters(const struct list *list, const char *expected)
{
    size_t n = 0;
    list_each (list, node, after)
        assert_int_equal(item_of(node)->letter, expected[n++]);
    assert_int_equal(expected[n], '\0');
    assert_int_equal(list->n, n);
}

static void an_empty_one_has_no_ends(void **state)
{
    struct list list;
    list_init(&list);
    assert_null(list_first(&list));
    assert_null(list_last(&list));
    assert_letters(&list, "");
}

static void items_keep_their_order(void **state)
{
    struct list list;
    struct item a = {'a'}, b = {'b'}, c = {'c'}, d = {'d'};
    list_init(&list);
    list_push_back(&list, &b.node);
    list_push_front(&list, &a.node);
    list_push_back(&list, &d.node);
    list_insert_before(&list, &d.node, &c.node);
    assert_letters(&list, "abcd");
    assert_ptr_equal(list_first(&list), &a.node);
    assert_ptr_equal(list_last(&list), &d.node);
    assert_ptr_equal(list_next(&list, &a.node), &b.node);
    assert_null(list_next(&list, &d.node));

    list_remove(&list, &b.node);
    assert_letters(&list, "acd");
    assert_false(list_linked(&b.node));
    assert_true(list_linked(&c.node));
}

static void removal_while_walking(void **state)
{
    struct list list;
    struct item items[] = {{'a'}, {'b'}, {'c'}};
    list_init(&list);
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        list_push_back(&list, &items[i].node);
    list_each (&list, node, after)
        list_remove(&list, node);
    assert_letters(&list, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_has_no_ends),
        cmocka_unit_test(items_keep_their_order),
        cmocka_unit_test(removal_while_walking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
