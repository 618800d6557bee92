#include "base/text.h"
#include "tests/test.h"

static const char *const keys[] = {"port",    "host",        "dbname",
                                   "sslmode", "sslrootcert", "a"};

static void assert_closest(const char *word, const char *expected)
{
    const char *closest = text_closest(word, keys, ARRAY_SIZE(keys));
    if (expected)
        assert_string_equal(closest, expected);
    else
        assert_null(closest);
}

static void the_closest_word_is_found(void **state)
{
    assert_closest("prot", "port");
    assert_closest("por", "port");
    assert_closest("portt", "port");
    assert_closest("PORT", "port");
    assert_closest("sslmodus", "sslmode");
    assert_closest("ssl_root_cert", "sslrootcert");
    assert_closest("sslmode", "sslmode");
    assert_closest("elephant", NULL);
    assert_closest("xyz", NULL);
    assert_closest("", "a");
    assert_null(text_closest("port", keys, 0));
}

static void closest_prefers_the_nearer(void **state)
{
    static const char *const names[] = {"pg-b1", "pg-a1", "PG-A2"};
    assert_string_equal(text_closest("pg-a2", names, 3), "pg-a1");
    assert_string_equal(text_closest("pg-A2", names, 3), "PG-A2");
    assert_string_equal(text_closest("pg-c1", names, 3), "pg-b1");
}

static void closest_of_a_very_long_word(void **state)
{
    char word[300];
    for (size_t i = 0; i < sizeof word; i++)
        word[i] = 'a';
    word[sizeof word - 1] = '\0';
    assert_closest(word, NULL);
    const char *candidates[] = {word};
    assert_null(text_closest("aaaa", candidates, 1));
}

static void a_glob_is_known_by_its_marks(void **state)
{
    assert_true(text_is_glob("pg-*"));
    assert_true(text_is_glob("pg-?"));
    assert_true(text_is_glob("pg-[12]"));
    assert_false(text_is_glob("pg-1"));
}

static void globs_match_whole_names(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"pg-1", "pg-1", true},
        {"pg-1", "pg-12", false},
        {"pg-1", "pg-", false},
        {"*", "", true},
        {"*", "anything", true},
        {"", "", true},
        {"", "a", false},
        {"pg-*", "pg-", true},
        {"*-1", "pg-a-1", true},
        {"*a*b*c*", "xaxbxcx", true},
        {"*a*b*c*", "xaxcxbx", false},
        {"pg-?", "pg-1", true},
        {"pg-?", "pg-", false},
        {"pg-[12]", "pg-2", true},
        {"pg-[12]", "pg-3", false},
        {"pg-[1-3]x", "pg-2x", true},
        {"pg-[!1-3]", "pg-4", true},
        {"pg-[!1-3]", "pg-2", false},
        {"pg-[^1]", "pg-2", true},
        {"[]]", "]", true},
        {"[a-]", "-", true},
        {"pg-[1", "pg-[1", true},
        {"pg-[1", "pg-1", false},
        {"*[0-9]", "abc7", true},
        {"**x", "x", true},
        {"a.c", "abc", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        print_message("# %s ~ %s\n", cases[i].name, cases[i].pattern);
        assert_int_equal(text_glob(cases[i].pattern, cases[i].name), cases[i].matches);
    }
}

static void glob_is_not_exponential(void **state)
{
    char name[4000];
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = 'a';
    name[sizeof name - 1] = '\0';
    assert_false(text_glob("*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closest_word_is_found),
        cmocka_unit_test(closest_prefers_the_nearer),
        cmocka_unit_test(closest_of_a_very_long_word),
        cmocka_unit_test(a_glob_is_known_by_its_marks),
        cmocka_unit_test(globs_match_whole_names),
        cmocka_unit_test(glob_is_not_exponential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
