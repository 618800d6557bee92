/* What comes between being let in and being ready, cut anywhere. */
#include "pg/greeting.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

struct text {
    unsigned char bytes[1 << 17];
    size_t n;
};

static struct text text;

static void add(char type, const void *body, size_t n)
{
    size_t length = n + 4;
    unsigned char header[] = {(unsigned char)type, (unsigned char)(length >> 24),
                              (unsigned char)(length >> 16),
                              (unsigned char)(length >> 8), (unsigned char)length};
    assert_true(text.n + length + 1 <= sizeof text.bytes);
    memcpy(text.bytes + text.n, header, sizeof header);
    if (n > 0)
        memcpy(text.bytes + text.n + sizeof header, body, n);
    text.n += length + 1;
}

static void add_parameters(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char body[32];
        int length = snprintf(body, sizeof body, "p%u%cvalue", i, '\0');
        add('S', body, (size_t)length + 1);
    }
}

static int set_up(void **state)
{
    text.n = 0;
    return 0;
}

/* By pieces of that size, showing again what was not taken. */
static struct greeting count_by(size_t piece)
{
    struct greeting greeting = {0};
    for (size_t at = 0, n = piece; at < text.n && n <= 2 * piece + 5;) {
        size_t there = text.n - at < n ? text.n - at : n;
        size_t taken = greeting_count(&greeting, text.bytes + at, there);
        at += taken;
        n = taken ? piece : n + 1;
    }
    return greeting;
}

static void a_usual_one(void **state)
{
    add('R', "\0\0\0", 4);
    add_parameters(15);
    add('K', "12345678", 8);
    add('Z', "I", 1);
    for (size_t piece = 1; piece <= text.n; piece++) {
        struct greeting greeting = count_by(piece);
        assert_true(greeting.over);
        assert_int_equal(greeting.parameters, 15);
        assert_int_equal(greeting.bytes, text.n);
        assert_null(greeting_excess(&greeting));
    }
}

static void a_flood_of_parameters_and_notices(void **state)
{
    for (int i = 0; i < 100; i++) {
        add_parameters(3);
        add('N', "SNOTICE", 8);
    }
    for (size_t piece = 1; piece < 100; piece++) {
        struct greeting greeting = count_by(piece);
        assert_int_equal(greeting.parameters, 300);
        assert_string_equal(greeting_excess(&greeting), "more than 200 parameters");
        assert_false(greeting.over);
    }
}

static void too_many_bytes(void **state)
{
    static const char notice[1000];
    for (int i = 0; i < 66; i++)
        add('N', notice, sizeof notice);
    struct greeting greeting = count_by(500);
    assert_string_equal(greeting_excess(&greeting), "more than 64kB");
}

static void a_header_is_shown_again(void **state)
{
    struct greeting greeting = {0};
    add_parameters(1);
    assert_int_equal(greeting_count(&greeting, text.bytes, 4), 0);
    assert_int_equal(greeting.bytes, 0);
    assert_int_equal(greeting_count(&greeting, text.bytes, 5), 5);
    assert_int_equal(greeting_count(&greeting, text.bytes + 5, text.n - 5), text.n - 5);
    assert_int_equal(greeting.parameters, 1);
}

/* What a server cannot mean, libpq complains of. */
static void nonsense_is_left_to_libpq(void **state)
{
    struct greeting greeting = {0};
    assert_int_equal(
        greeting_count(&greeting, (const unsigned char *)"S\0\0\0\1xyz", 8), 8);
    assert_true(greeting.over);
}

static void parameters_are_known_from_their_middle(void **state)
{
    add_parameters(5);
    assert_true(greeting_resembles(text.bytes, text.n));
    assert_true(greeting_resembles(text.bytes + 3, text.n - 3));
    assert_false(greeting_resembles(text.bytes + 3, 30));
    assert_false(greeting_resembles(text.bytes, 0));
    text.n = 0;
    add('D', "a row, and SSSSSSSSSS in it", 28);
    add('S', "no second string", 17);
    add('S', "no second string", 17);
    add('S', "no second string", 17);
    assert_false(greeting_resembles(text.bytes, text.n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_usual_one, set_up),
        cmocka_unit_test_setup(a_flood_of_parameters_and_notices, set_up),
        cmocka_unit_test_setup(too_many_bytes, set_up),
        cmocka_unit_test_setup(a_header_is_shown_again, set_up),
        cmocka_unit_test_setup(nonsense_is_left_to_libpq, set_up),
        cmocka_unit_test_setup(parameters_are_known_from_their_middle, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
