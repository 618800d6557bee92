/* Configurations that were right once, with damage: whatever is said about them, it is
 * in order and within bounds; and one character too many, too few or another does not
 * make us tell a secret. */
#include "../unit/config_stage.h"

#include "base/buf.h"
#include "walk.h"

#include <string.h>

enum { N_WALKS = 3000, MOST_DAMAGES = 3 };

static const char secret[] = "hunter2";

/* A secret in one of the ways in which YAML can say it; depth: blanks before it. */
static void add_secret(struct rng *rng, struct buf *yaml)
{
    static const char *const ways[] = {
        "    password: hunter2\n",
        "    password: 'hunter2'\n",
        "    password: \"hunter2\"\n",
        "    \"password\": hunter2\n",
        "    password:\n      hunter2\n",
        "    password: |\n      hunter2\n      hunter2\n",
        "    password: >-\n      hunter2\n",
        "    password: 'hunter2\n      hunter2'\n",
        "    ? password\n    : hunter2\n",
        "    sslpassword: hunter2\n",
        "    password: [hunter2, hunter2]\n",
        "    password: {a: hunter2}\n",
        "    password: !!str hunter2\n",
        "    password: ${NO_SUCH_VARIABLE:-hunter2}\n",
    };
    buf_add_str(yaml, ways[rng_below(rng, ARRAY_SIZE(ways))]);
}

static void add_node(struct rng *rng, struct buf *yaml, int number)
{
    static const char *const lines[] = {
        "    port: 5432\n",
        "    labels: [dc=fra, tier=gold]\n",
        "    pool: {min: 1, max: 4}\n",
        "    check:\n      interval: 5s\n      query: \"SELECT 1\"\n",
        "    sslmode: require # a comment\n",
        "    thresholds: {latency: {warn: 1s}}\n",
    };
    if (rng_below(rng, 4) == 0) {
        buf_add_format(yaml, "  - {name: n%d, host: x, password: hunter2, port: 1}\n",
                       number);
        return;
    }
    buf_add_format(yaml, "  - name: n%d\n    host: x\n", number);
    for (unsigned n = (unsigned)rng_below(rng, 4); n > 0; n--)
        buf_add_str(yaml, lines[rng_below(rng, ARRAY_SIZE(lines))]);
    add_secret(rng, yaml);
}

/* Inside a key of a secret, the secret itself, or a variable beside it: damage there
 * would make another text of it, which nobody can recognize. */
static bool is_sacred(const struct buf *yaml, size_t at)
{
    static const char *const words[] = {"password", secret, "{NO_SUCH_VARIABLE:-"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        size_t n = strlen(words[i]);
        for (size_t back = 0; back < n && back <= at; back++)
            if (strncmp(yaml->bytes + at - back, words[i], n) == 0)
                return true;
    }
    return false;
}

static void damage(struct rng *rng, struct buf *yaml)
{
    static const char odd[] = "{}[]:,#'\"|>&*!%@`?\t\n \\$x\x01\xff";
    size_t at = rng_below(rng, yaml->len);
    if (is_sacred(yaml, at))
        return;
    char c = odd[rng_below(rng, sizeof odd - 1)];
    switch (rng_below(rng, 3)) {
    case 0:
        memmove(yaml->bytes + at, yaml->bytes + at + 1, yaml->len - at);
        yaml->len--;
        return;
    case 1:
        yaml->bytes[at] = c;
        return;
    default:
        buf_add_char(yaml, ' ');
        memmove(yaml->bytes + at + 1, yaml->bytes + at, yaml->len - at - 1);
        yaml->bytes[at] = c;
    }
}

static void assert_silent(const char *text, const struct buf *yaml)
{
    if (text && strstr(text, secret))
        fail_msg("%s\n--- said:\n%s", yaml->bytes, text);
}

static void check_order(const struct loaded *loaded)
{
    const struct pgcensus_diagnostics *said = &loaded->diagnostics;
    assert_int_equal(loaded->config == NULL, said->n_errors > 0);
    assert_true(said->n_errors <= 50);
    for (size_t i = 1; i < said->n; i++)
        if (strcmp(said->items[i].file, said->items[i - 1].file) == 0)
            assert_true(said->items[i].line >= said->items[i - 1].line);
}

static void check_silence(const struct loaded *loaded, const struct buf *yaml)
{
    const struct pgcensus_diagnostics *said = &loaded->diagnostics;
    for (size_t i = 0; i < said->n; i++) {
        assert_silent(said->items[i].message, yaml);
        assert_silent(said->items[i].source_line, yaml);
        assert_silent(said->items[i].hint, yaml);
    }
    if (!loaded->config)
        assert_silent(loaded->error.message, yaml);
}

static void damage_is_told_in_order_and_tells_no_secret(void **state)
{
    struct rng rng = walk_begin("config");
    for (int walk = 0; walk < N_WALKS; walk++) {
        AUTO(buf_fini) struct buf yaml = BUF_INIT;
        buf_add_str(&yaml, "defaults:\n    user: me\n");
        if (rng_below(&rng, 2))
            add_secret(&rng, &yaml);
        buf_add_str(&yaml, "nodes:\n");
        for (int n = 0; n < 1 + (int)rng_below(&rng, 3); n++)
            add_node(&rng, &yaml, n);
        unsigned damages = (unsigned)rng_below(&rng, MOST_DAMAGES + 1);
        for (unsigned i = 0; i < damages; i++)
            damage(&rng, &yaml);
        AUTO(loaded_fini)
        struct loaded loaded = stage_load_bytes(yaml.bytes, yaml.len, NULL);
        check_order(&loaded);
        if (damages <= 1)
            check_silence(&loaded, &yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_told_in_order_and_tells_no_secret)};
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
