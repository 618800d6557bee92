/* What libpq is told, of any version: which of them runs does not matter here. */
#include "pg/keywords.h"
#include "tests/test.h"

#include <string.h>

/* The last one wins, as in libpq; NULL: it is not said. */
static const char *find(const struct keyword_list *list, const char *keyword)
{
    const char *value = NULL;
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->keywords[i], keyword) == 0)
            value = list->values[i];
    return value;
}

static void assert_asked(struct pg_abilities abilities, bool gss, enum pg_sslmode mode,
                         const char *expected)
{
    struct keyword_list list;
    const struct pg_target target = {.host = "db", .port = 5432, .gss = gss};
    const struct login_options attempt = {.address = "192.0.2.1", .mode = mode};
    assert_true(keyword_list_init(&list, &target, &abilities, &attempt));
    const char *found = find(&list, "require_auth");
    if (expected)
        assert_string_equal(found, expected);
    else
        assert_null(found);
}

static void what_a_server_may_ask_for(void **state)
{
    const struct pg_abilities of_15 = {.require_auth = false};
    const struct pg_abilities of_16 = {.require_auth = true};
    const struct pg_abilities of_18 = {.require_auth = true, .oauth = true};
    assert_asked(of_15, false, PG_SSL_DISABLE, NULL);
    assert_asked(of_16, false, PG_SSL_DISABLE, "!gss,!sspi,!password");
    assert_asked(of_16, false, PG_SSL_REQUIRE, "!gss,!sspi");
    assert_asked(of_16, true, PG_SSL_REQUIRE, NULL);
    assert_asked(of_18, false, PG_SSL_DISABLE, "!gss,!sspi,!password,!oauth");
    assert_asked(of_18, false, PG_SSL_REQUIRE, "!gss,!sspi,!oauth");
    assert_asked(of_18, true, PG_SSL_REQUIRE, "!oauth");
}

/* What the node says of it is said behind ours. */
static void a_node_may_ask_for_another(void **state)
{
    struct keyword_list list;
    static struct pg_keyword own[] = {{"require_auth", "scram-sha-256"}};
    const struct pg_target target = {
        .host = "db", .port = 5432, .keywords = own, .n_keywords = 1};
    const struct login_options attempt = {.mode = PG_SSL_REQUIRE};
    const struct pg_abilities abilities = {.require_auth = true, .oauth = true};
    assert_true(keyword_list_init(&list, &target, &abilities, &attempt));
    assert_string_equal(find(&list, "require_auth"), "scram-sha-256");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_server_may_ask_for),
        cmocka_unit_test(a_node_may_ask_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
