#include "fake_fleet.h"

#include "fleet/roster.h"
#include "tests/test.h"

static struct node vacant;

static struct node *new_node(const char *name, size_t index)
{
    struct node_options options = fake_node(name, "ok");
    struct node *node = node_new(&options, index, 0);
    assert_non_null(node);
    return node;
}

static void put(struct roster *roster, const char *name, size_t index)
{
    AUTO(node_drop) struct node *node = new_node(name, index);
    assert_true(roster_reserve(roster));
    roster_put(roster, node);
}

static void a_round_keeps_the_nodes_with_which_it_began(void **state)
{
    struct roster *roster = roster_new();
    put(roster, "a", 0);
    put(roster, "b", 1);
    struct node *a = roster->nodes[0], *b = roster->nodes[1];
    struct roster *of_round = roster_take(roster);

    assert_true(roster_own(&roster));
    assert_ptr_not_equal(roster, of_round);
    assert_int_equal(a->users, 2);
    roster_remove(roster, a, &vacant);
    put(roster, "c", 2);
    assert_int_equal(of_round->n, 2);
    assert_ptr_equal(of_round->nodes[0], a);
    assert_int_equal(a->users, 1);
    assert_true(node_is_vacant(roster->nodes[0]));
    assert_ptr_equal(roster->nodes[1], b);
    assert_int_equal(roster->n, 3);

    roster_drop(of_round); /* and a with it, or the sanitizer complains */
    assert_int_equal(b->users, 1);
    roster_drop(roster);
}

static void nothing_is_copied_for_a_single_user(void **state)
{
    struct roster *roster = roster_new();
    const struct roster *before = roster;
    put(roster, "a", 0);
    assert_true(roster_own(&roster));
    assert_ptr_equal(roster, before);
    roster_drop(roster);
}

static void a_vacant_place_is_taken_again(void **state)
{
    struct roster *roster = roster_new();
    put(roster, "a", 0);
    put(roster, "b", 1);
    roster_remove(roster, roster->nodes[0], &vacant);
    put(roster, "c", 0);
    assert_int_equal(roster->n, 2);
    assert_string_equal(roster->nodes[0]->options.identity.name, "c");
    roster_remove(roster, roster->nodes[1], &vacant);
    assert_true(roster_own(&roster));
    struct roster *other = roster_take(roster);
    assert_true(roster_own(&roster)); /* copies the vacant one as well */
    assert_true(node_is_vacant(roster->nodes[1]));
    roster_drop(other);
    roster_drop(roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_keeps_the_nodes_with_which_it_began),
        cmocka_unit_test(nothing_is_copied_for_a_single_user),
        cmocka_unit_test(a_vacant_place_is_taken_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
