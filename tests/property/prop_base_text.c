/* Whatever the bytes: what is shown is valid UTF-8 that deceives nobody, folded names
 * unfold to the same names, and globs agree with fnmatch(3). */
#include "base/memory.h"
#include "base/text.h"

#include "tests/test.h"
#include "walk.h"

#include <fnmatch.h>
#include <string.h>

enum { ROUNDS = 20000 };

/* Bytes that matter to the decoder are likelier than others. */
static size_t random_bytes(struct rng *rng, char *bytes, size_t size)
{
    static const char *const interesting[] = {"\xe2\x80\xae",
                                              "\xe2\x80\x8b",
                                              "\xc2\x9b",
                                              "\x1b[2J",
                                              "é",
                                              "✓",
                                              "😀",
                                              "\xed\xa0",
                                              "\xf3\xa0\x81\x81",
                                              "\n",
                                              "\t",
                                              "\x7f",
                                              "\\",
                                              "pg-1"};
    size_t length = 0, wanted = rng_below(rng, size - 4);
    while (length < wanted) {
        if (rng_below(rng, 2)) {
            bytes[length++] = (char)rng_below(rng, 256);
            continue;
        }
        const char *piece = interesting[rng_below(rng, ARRAY_SIZE(interesting))];
        size_t n = 1 + rng_below(rng, strlen(piece));
        memcpy(bytes + length, piece, n);
        length += n;
    }
    return length;
}

static void assert_harmless(const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint32_t code = 0;
        size_t length = text_decode(text + at, n - at, &code);
        assert_int_not_equal(length, 0);
        assert_false(text_deceives(code));
        at += length;
    }
}

static void shown_text_is_harmless(void **state)
{
    struct rng rng = walk_begin("shown text");
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        char bytes[80];
        size_t n = random_bytes(&rng, bytes, sizeof bytes);
        buf_clear(&buf);
        text_add_safe(&buf, bytes, n);
        assert_int_equal(strlen(buf.bytes), buf.len);
        assert_harmless(buf.bytes, buf.len);

        buf_clear(&buf);
        text_add_safe(&buf, bytes, n);
        char again[1024];
        memcpy(again, buf.bytes, buf.len + 1);
        size_t again_len = buf.len;
        buf_clear(&buf);
        text_add_safe(&buf, again, again_len);
        assert_string_equal(buf.bytes, again);
    }
}

static void shown_copy_is_a_prefix(void **state)
{
    struct rng rng = walk_begin("shown copy");
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        char bytes[80], copy[64];
        size_t n = random_bytes(&rng, bytes, sizeof bytes);
        size_t size = 1 + rng_below(&rng, sizeof copy);
        buf_clear(&buf);
        text_add_safe(&buf, bytes, n);
        text_copy_safe(copy, size, bytes, n);

        size_t length = strlen(copy), mark = strlen("…");
        assert_true(length < size);
        assert_harmless(copy, length);
        if (buf.len < size) {
            assert_string_equal(copy, buf.bytes);
            continue;
        }
        if (size > mark) {
            assert_true(length >= mark);
            assert_string_equal(copy + length - mark, "…");
            length -= mark;
        }
        assert_memory_equal(copy, buf.bytes, length);
    }
}

/* ---- folding ---- */

enum { MOST_NAMES = 12, NAME_SIZE = 16 };

struct names {
    size_t n;
    char items[4 * MOST_NAMES][NAME_SIZE];
};

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void add_name(struct names *names, const char *prefix, size_t prefix_len,
                     const char *number, const char *suffix, size_t suffix_len)
{
    AUTO(free)
    char *name = memory_format("%.*s%s%.*s", (int)prefix_len, prefix, number,
                               (int)suffix_len, suffix);
    assert_true(names->n < ARRAY_SIZE(names->items) && strlen(name) < NAME_SIZE);
    strcpy(names->items[names->n++], name);
}

/* "a[08-10,12]b" → a08b a09b a10b a12b.  A written zero in front keeps the width. */
static void unfold_word(struct names *names, const char *word, size_t n)
{
    const char *open = memchr(word, '[', n);
    if (!open) {
        add_name(names, word, n, "", "", 0);
        return;
    }
    const char *close = memchr(word, ']', n);
    for (const char *at = open; at != close;) {
        char *end;
        const char *digits = ++at;
        unsigned long first = strtoul(at, &end, 10), last = first;
        int width = *digits == '0' ? (int)(end - digits) : 1;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (unsigned long number = first; number <= last; number++) {
            char text[24];
            snprintf(text, sizeof text, "%0*lu", width, number);
            add_name(names, word, (size_t)(open - word), text, close + 1,
                     n - (size_t)(close + 1 - word));
        }
        at = end;
    }
}

static void unfold(struct names *names, const char *text)
{
    names->n = 0;
    while (*text) {
        size_t length = 0;
        bool in_brackets = false;
        while (text[length] && (in_brackets || text[length] != ',')) {
            in_brackets = text[length] == '[' || (in_brackets && text[length] != ']');
            length++;
        }
        unfold_word(names, text, length);
        text += length;
        text += strspn(text, ", ");
    }
}

static void folded_names_unfold(void **state)
{
    struct rng rng = walk_begin("folded names");
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        struct names names = {0}, unfolded;
        const char *pointers[MOST_NAMES];
        size_t wanted = 1 + rng_below(&rng, MOST_NAMES);
        while (names.n < wanted) {
            /* At most three digits, so that ranges stay short. */
            char *name = names.items[names.n];
            size_t n = walk_word(&rng, "ab-.", 4, name, 4);
            n += walk_word(&rng, "0189", 4, name + n, 4);
            n += walk_word(&rng, "xy", 2, name + n, 3);
            bool known = n == 0;
            for (size_t i = 0; i < names.n; i++)
                known |= strcmp(names.items[i], name) == 0;
            pointers[names.n] = name;
            names.n += !known;
        }
        buf_clear(&buf);
        text_add_folded(&buf, pointers, names.n);
        unfold(&unfolded, buf.bytes);

        qsort(names.items, names.n, NAME_SIZE, by_name);
        qsort(unfolded.items, unfolded.n, NAME_SIZE, by_name);
        assert_int_equal(unfolded.n, names.n);
        for (size_t i = 0; i < names.n; i++)
            assert_string_equal(unfolded.items[i], names.items[i]);
    }
}

static void globs_are_those_of_fnmatch(void **state)
{
    struct rng rng = walk_begin("globs");
    for (int round = 0; round < 10 * ROUNDS; round++) {
        char pattern[8], name[8];
        walk_word(&rng, "ab*?", 4, pattern, sizeof pattern);
        walk_word(&rng, "ab", 2, name, sizeof name);
        bool expected = fnmatch(pattern, name, FNM_NOESCAPE) == 0;
        if (text_glob(pattern, name) != expected)
            fail_msg("%s ~ %s is not %d", name, pattern, expected);
    }
}

static void closest_finds_what_it_was_given(void **state)
{
    struct rng rng = walk_begin("closest");
    for (int round = 0; round < ROUNDS; round++) {
        char words[5][10];
        const char *candidates[ARRAY_SIZE(words)];
        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
            walk_word(&rng, "abAB_", 5, words[i], sizeof words[i]);
            candidates[i] = words[i];
        }
        const char *word = words[rng_below(&rng, ARRAY_SIZE(words))];
        assert_string_equal(text_closest(word, candidates, ARRAY_SIZE(words)), word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shown_text_is_harmless),
        cmocka_unit_test(shown_copy_is_a_prefix),
        cmocka_unit_test(folded_names_unfold),
        cmocka_unit_test(globs_are_those_of_fnmatch),
        cmocka_unit_test(closest_finds_what_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
