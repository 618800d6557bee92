/* Lines, positions, and what of a line may be shown. */
#include "config/read/diagnostic_list.h"

#include "config_stage.h"

#include <string.h>

/* Borrows the text. */
static struct source source_of(const char *text)
{
    return (struct source){
        .name = "test",
        .file = {.bytes = (char *)text, .n = strlen(text), .mode = 0600}};
}

static void counts_lines_as_libyaml_does(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
        unsigned line, column;
    } stories[] = {
        {"abc", 0, 1, 1},           {"abc", 2, 1, 3},
        {"a\nb", 2, 2, 1},          {"a\r\nb", 3, 2, 1},
        {"a\rb", 2, 2, 1},          {"\n\n\n", 3, 4, 1},
        {"\xc3\xa9x", 2, 1, 2},     {"a\xc2\x85xb", 4, 2, 2},
        {"\xe2\x80\xa8x", 3, 2, 1}, {"\xe2\x80\xa6x", 3, 1, 2},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        struct source source = source_of(stories[i].text);
        unsigned line, column;
        source_position(&source, stories[i].offset, &line, &column);
        assert_int_equal(line, stories[i].line);
        assert_int_equal(column, stories[i].column);
    }
}

static void finds_the_first_bad_byte(void **state)
{
    size_t offset;
    struct source good = source_of("gr\xc3\xbc\xc3\x9f\n");
    assert_false(source_find_bad_byte(&good, &offset));
    struct source bad = source_of("ab\xffz");
    assert_true(source_find_bad_byte(&bad, &offset));
    assert_int_equal(offset, 2);
    struct source nul = source_of("ab");
    nul.file.n = 3;
    assert_true(source_find_bad_byte(&nul, &offset));
    assert_int_equal(offset, 2);
}

static void assert_quotes(const char *text, unsigned line, unsigned column,
                          const char *expected)
{
    struct source source = source_of(text);
    struct line_cursor cursor = {.line = 0};
    assert_true(source_seek(&source, &cursor, line));
    AUTO(free) char *quote = quote_line(&source, &cursor, column);
    if (expected)
        assert_string_equal(quote ? quote : "(nothing)", expected);
    else
        assert_null(quote);
}

static void lines_are_quoted_from_their_text(void **state)
{
    assert_quotes("one\ntwo\nthree", 1, 1, "one");
    assert_quotes("one\ntwo\nthree", 2, 1, "two");
    assert_quotes("one\r\ntwo\r\n", 2, 1, "two");
    assert_quotes("one\ntwo\nthree", 3, 1, "three");
    assert_quotes("", 1, 1, "");
    char long_line[1200];
    memset(long_line, 'x', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    assert_quotes(long_line, 1, 1, NULL);

    struct source source = source_of("one\n");
    struct line_cursor cursor = {.line = 0};
    assert_false(source_seek(&source, &cursor, 3));
}

static void secrets_in_lines_are_masked(void **state)
{
    assert_quotes("    password: hunter2", 1, 5, "    password: ***");
    assert_quotes("    password: hunter2", 1, 15, "    password: ***");
    assert_quotes("password:hunter2", 1, 1, "password:***");
    assert_quotes("password {hunter2", 1, 1, "password ***");
    assert_quotes("password:\n  hunter2", 2, 1, NULL);
    assert_quotes("password\n\n: hunter2", 3, 1, NULL);
    assert_quotes("x: password\n", 1, 1, "x: password");
    assert_quotes("'password' : hunter2", 1, 1, "'password' : ***");
    assert_quotes("\"password\": hunter2", 1, 1, "\"password\": ***");
    assert_quotes("- {name: a, password: hunter2, x: 1}", 1, 4,
                  "- {name: a, password: ***");
    assert_quotes("- {name: a, password: hunter2, x: 1}", 1, 32, NULL);
    assert_quotes("# Password: hunter2", 1, 1, "# Password: ***");
    assert_quotes("passwd: hunter2", 1, 1, "passwd: ***");
    assert_quotes("pasword: hunter2", 1, 1, "pasword: ***");
    assert_quotes("db_token: hunter2", 1, 1, "db_token: ***");
    assert_quotes("sslpasswordhunter2", 1, 1, "***");
    assert_quotes("group: tokens", 1, 1, "group: tokens");
    assert_quotes("name: pass-db", 1, 1, "name: pass-db");
    assert_quotes("passfile: /a/b", 1, 1, "passfile: /a/b");
    assert_quotes("password_file: /a/b", 1, 1, "password_file: /a/b");
    assert_quotes("password_file: hunter2", 1, 1, "password_file: ***");
    assert_quotes("passfile: 'hunter2'", 1, 1, "passfile: '***");
    assert_quotes("passfile: /hunter2", 1, 1, "passfile: ***");
    assert_quotes("password_file: ./pw", 1, 1, "password_file: ./pw");
    assert_quotes("password_file: ${HOME}/pw", 1, 1, "password_file: ${HOME}/pw");
    assert_quotes("password_file:", 1, 1, "password_file:");
    assert_quotes("user: password", 1, 1, "user: password");
    assert_quotes("host: 10.0.0.1", 1, 1, "host: 10.0.0.1");
}

static void masks_passwords_of_urls(void **state)
{
    assert_quotes("host: postgres://u:hunter2@h/db", 1, 7, "host: postgres://u:***");
    assert_quotes("- postgres://:hunter2@h", 1, 3, "- postgres://:***");
    assert_quotes("- postgres://u:hunter2", 1, 3, "- postgres://u:***");
    assert_quotes("- postgres://u:hun ter2@h", 1, 3, "- postgres://u:***");
    assert_quotes("host: 'u:hunter2@h'", 1, 7, "host: 'u:***");
    assert_quotes("host=h password=hunter2", 1, 1, "host=h password=***");
    assert_quotes("postgres://h/d?pwd=hunter2", 1, 1, "postgres://h/d?pwd=***");
    assert_quotes("- postgres://me@h:5432/db", 1, 3, "- postgres://me@h:5432/db");
    assert_quotes("user: me@home", 1, 7, "user: me@home");
    assert_quotes("pw: hunter2", 1, 1, "pw: ***");
    assert_quotes("port: ${PGPASSWORD}", 1, 7, "port: ${PGPASSWORD}");
    assert_quotes("port: ${PGPASSWORD:-hunter2}", 1, 7, "port: ${PGPASSWORD:***");
    assert_quotes("credentials: hunter2", 1, 1, "credentials: ***");
}

/* What stands on the lines below a secret that is whole. */
static void quotes_what_comes_after_a_secret(void **state)
{
    assert_quotes("- {name: a, password: x}\n- {prot: 1}", 2, 4, "- {prot: 1}");
    assert_quotes("- password: x\n  prot: 1", 2, 3, "  prot: 1");
    assert_quotes("- password: x\n    prot: 1", 2, 5, NULL);
    assert_quotes("- password:\n- hunter2", 2, 3, NULL);
    assert_quotes("- password: >\n  - hunter2", 2, 5, NULL);
}

static void values_are_quoted_safely(void **state)
{
    static const struct {
        const char *text, *expected;
    } stories[] = {
        {"plain", "\"plain\""},
        {"token-db", "\"token-db\""},
        {"\x1b[31m", "\"\\x1b[31m\""},
        {"x password: hunter2", "\"x password: ...\""},
        {"x password hunter2", "\"x password ...\""},
        {"passwordhunter2", "\"...\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        assert_string_equal(quoted(stories[i].text).text, stories[i].expected);
    char endless[1000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_true(strlen(quoted(endless).text) < sizeof(struct quoted));
    assert_non_null(strstr(quoted(endless).text, "…\""));
}

static void hidden_lines_are_not_quoted(void **state)
{
    struct source source = source_of("one\ntwo\nthree\nfour");
    assert_true(source_hide(&source, 2, 3));
    struct line_cursor cursor = {.line = 0};
    for (unsigned line = 1; line <= 4; line++) {
        assert_true(source_seek(&source, &cursor, line));
        AUTO(free) char *quote = quote_line(&source, &cursor, 1);
        assert_int_equal(quote == NULL, line == 2 || line == 3);
    }
    free(source.hidden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_lines_as_libyaml_does),
        cmocka_unit_test(finds_the_first_bad_byte),
        cmocka_unit_test(lines_are_quoted_from_their_text),
        cmocka_unit_test(secrets_in_lines_are_masked),
        cmocka_unit_test(masks_passwords_of_urls),
        cmocka_unit_test(quotes_what_comes_after_a_secret),
        cmocka_unit_test(values_are_quoted_safely),
        cmocka_unit_test(hidden_lines_are_not_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
