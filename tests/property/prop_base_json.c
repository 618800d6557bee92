/* Whatever is written: the document is well-formed, valid UTF-8 that deceives nobody,
 * and its strings read back as what went in. */
#include "base/json.h"

#include "base/text.h"

#include "tests/test.h"
#include "walk.h"

#include <string.h>

enum { ROUNDS = 10000 };

/* ---- a reader, just good enough to judge the writer ---- */

struct reader {
    const char *at;
    struct buf *string; /* the last string that was read */
};

static bool read_value(struct reader *reader);

static bool take(struct reader *reader, char c)
{
    if (*reader->at != c)
        return false;
    reader->at++;
    return true;
}

static uint32_t read_hex(struct reader *reader)
{
    char digits[5] = {0};
    memcpy(digits, reader->at, 4);
    assert_int_equal(strspn(digits, "0123456789abcdef"), 4);
    reader->at += 4;
    return (uint32_t)strtoul(digits, NULL, 16);
}

static void read_escape(struct reader *reader)
{
    static const char letters[] = "bfnrt\"\\/", meanings[] = "\b\f\n\r\t\"\\/";
    char letter = *reader->at++;
    if (letter == 'u') {
        uint32_t code = read_hex(reader);
        if (code >= 0xd800 && code < 0xdc00) {
            assert_true(take(reader, '\\') && take(reader, 'u'));
            code = 0x10000 + ((code - 0xd800) << 10) + (read_hex(reader) - 0xdc00);
        }
        text_add_utf8(reader->string, code);
        return;
    }
    const char *found = strchr(letters, letter);
    assert_non_null(found);
    buf_add_char(reader->string, meanings[found - letters]);
}

static bool read_string(struct reader *reader)
{
    if (!take(reader, '"'))
        return false;
    buf_clear(reader->string);
    while (!take(reader, '"')) {
        assert_true((unsigned char)*reader->at >= 0x20);
        if (take(reader, '\\'))
            read_escape(reader);
        else
            buf_add_char(reader->string, *reader->at++);
    }
    return true;
}

static bool read_items(struct reader *reader, char end, bool with_keys)
{
    if (take(reader, end))
        return true;
    do {
        if (with_keys && !(read_string(reader) && take(reader, ':')))
            return false;
        if (!read_value(reader))
            return false;
    } while (take(reader, ','));
    return take(reader, end);
}

static bool read_value(struct reader *reader)
{
    static const char *const words[] = {"null", "true", "false"};
    if (take(reader, '{'))
        return read_items(reader, '}', true);
    if (take(reader, '['))
        return read_items(reader, ']', false);
    if (*reader->at == '"')
        return read_string(reader);
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strncmp(reader->at, words[i], strlen(words[i])) == 0) {
            reader->at += strlen(words[i]);
            return true;
        }
    char *end;
    strtod(reader->at, &end);
    bool moved = end != reader->at;
    reader->at = end;
    return moved;
}

static void assert_harmless(const struct buf *buf)
{
    for (size_t at = 0; at < buf->len;) {
        uint32_t code = 0;
        size_t length = text_decode(buf->bytes + at, buf->len - at, &code);
        assert_int_not_equal(length, 0);
        assert_false(text_deceives(code));
        at += length;
    }
}

/* ---- the walks ---- */

static void write_value(struct json *json, struct rng *rng, unsigned depth)
{
    char bytes[12];
    size_t n = sizeof bytes;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)rng_below(rng, 256);
    bytes[n - 1] = '\0';

    uint64_t kind = rng_below(rng, depth > 5 ? 5 : 7);
    switch (kind) {
    case 0:
        json_bytes(json, bytes, rng_below(rng, n));
        break;
    case 1:
        json_int(json, (int64_t)rng_next(rng));
        break;
    case 2:
        json_number(json, (rng_unit(rng) - 0.5) * 1e6, (int)rng_below(rng, 7));
        break;
    case 3:
        json_bool(json, rng_below(rng, 2));
        break;
    case 4:
        json_string(json, NULL);
        break;
    case 5:
        json_begin_array(json);
        for (uint64_t i = rng_below(rng, 4); i > 0; i--)
            write_value(json, rng, depth + 1);
        json_end_array(json);
        break;
    case 6:
        json_begin_object(json);
        for (uint64_t i = rng_below(rng, 4); i > 0; i--) {
            json_key(json, bytes);
            write_value(json, rng, depth + 1);
        }
        json_end_object(json);
        break;
    }
}

static void documents_are_well_formed(void **state)
{
    struct rng rng = walk_begin("documents");
    AUTO(buf_fini) struct buf document = BUF_INIT, string = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        struct json json;
        buf_clear(&document);
        json_init(&json, &document);
        write_value(&json, &rng, 0);
        assert_harmless(&document);

        struct reader reader = {document.bytes, &string};
        if (!read_value(&reader) || *reader.at != '\0')
            fail_msg("not JSON: %s", document.bytes);
    }
}

static void strings_come_back(void **state)
{
    struct rng rng = walk_begin("strings");
    AUTO(buf_fini)
    struct buf document = BUF_INIT, string = BUF_INIT, expected = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        struct json json;
        buf_clear(&document);
        buf_clear(&expected);
        for (uint64_t n = rng_below(&rng, 20); n > 0; n--) {
            uint32_t code =
                (uint32_t)rng_below(&rng, rng_below(&rng, 2) ? 0x100 : 0x110000);
            if (code < 0xd800 || code > 0xdfff)
                text_add_utf8(&expected, code);
        }
        json_init(&json, &document);
        json_bytes(&json, expected.bytes, expected.len);

        struct reader reader = {document.bytes, &string};
        assert_true(read_string(&reader));
        assert_int_equal(string.len, expected.len);
        assert_memory_equal(string.bytes, expected.bytes, expected.len);
    }
}

static void numbers_are_near(void **state)
{
    struct rng rng = walk_begin("numbers");
    AUTO(buf_fini) struct buf document = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        double value = (rng_unit(&rng) - 0.5) * 1e6;
        struct json json;
        buf_clear(&document);
        json_init(&json, &document);
        json_number(&json, value, 3);
        double again = strtod(document.bytes, NULL);
        assert_true(again - value <= 0.0005001 && value - again <= 0.0005001);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_well_formed),
        cmocka_unit_test(strings_come_back),
        cmocka_unit_test(numbers_are_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
