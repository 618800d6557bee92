/* However a secret is spelled and wherever it stands, it does not get through. */
#include "base/secrets.h"

#include "tests/test.h"
#include "walk.h"

#include <string.h>

enum { ROUNDS = 20000 };

static const char letters[] = "ab'\"\\% @:";

static void add_quoted(struct buf *buf, const char *secret, const char *special,
                       char lead)
{
    for (; *secret; secret++) {
        if (strchr(special, *secret))
            buf_add_char(buf, lead ? lead : *secret);
        buf_add_char(buf, *secret);
    }
}

static void add_percent(struct buf *buf, const char *secret, struct rng *rng)
{
    for (; *secret; secret++)
        if (*secret == '%' || rng_below(rng, 2))
            buf_add_format(buf, rng_below(rng, 2) ? "%%%02x" : "%%%02X", *secret);
        else
            buf_add_char(buf, *secret);
}

static void add_spelled(struct buf *buf, const char *secret, struct rng *rng)
{
    switch (rng_below(rng, 5)) {
    case 0:
        buf_add_str(buf, secret);
        break;
    case 1:
        add_percent(buf, secret, rng);
        break;
    case 2:
        add_quoted(buf, secret, "'\"", 0);
        break;
    case 3:
        add_quoted(buf, secret, "'\"\\", 0);
        break;
    case 4:
        add_quoted(buf, secret, "'\"\\", '\\');
        break;
    }
}

static void spelled_secrets_vanish(void **state)
{
    struct rng rng = walk_begin("spelled secrets");
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        AUTO(secrets_free) struct secrets *secrets = secrets_new();
        char secret[10];
        if (walk_word(&rng, letters, sizeof letters - 1, secret, sizeof secret) < 3)
            continue;
        assert_true(secrets_add(secrets, secret));
        buf_clear(&buf);
        buf_add_str(&buf, "<");
        add_spelled(&buf, secret, &rng);
        buf_add_str(&buf, ">");
        secrets_redact(secrets, &buf);
        assert_string_equal(buf.bytes, "<***>");
    }
}

static void nothing_is_left_of_many(void **state)
{
    struct rng rng = walk_begin("many secrets");
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        AUTO(secrets_free) struct secrets *secrets = secrets_new();
        char words[3][6], text[60];
        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
            walk_word(&rng, letters, sizeof letters - 1, words[i], sizeof words[i]);
            assert_true(secrets_add(secrets, words[i]));
        }
        walk_word(&rng, letters, sizeof letters - 1, text, sizeof text);
        buf_clear(&buf);
        buf_add_str(&buf, text);
        secrets_redact(secrets, &buf);
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
            if (strlen(words[i]) >= 3)
                assert_null(strstr(buf.bytes, words[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spelled_secrets_vanish),
        cmocka_unit_test(nothing_is_left_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
