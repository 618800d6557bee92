#include "base/octet.h"

#include "base/rng.h"
#include "tests/test.h"

#include <stdbool.h>

static bool any_below(const unsigned char *bytes, unsigned limit)
{
    for (size_t i = 0; i < OCTET; i++)
        if (bytes[i] < limit)
            return true;
    return false;
}

static bool any_is(const unsigned char *bytes, unsigned char byte)
{
    return memchr(bytes, byte, OCTET);
}

static void compare(const unsigned char bytes[OCTET])
{
    static const unsigned limits[] = {1, ' ', '0', 128};
    static const unsigned char wanted[] = {0, '\n', '"', ',', 0x7f, 0x80, 0xff};
    uint64_t octet = octet_load((const char *)bytes);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        assert_int_equal(octet_below(octet, (uint8_t)limits[i]) != 0,
                         any_below(bytes, limits[i]));
    for (size_t i = 0; i < sizeof wanted; i++)
        assert_int_equal(octet_has(octet, (char)wanted[i]) != 0,
                         any_is(bytes, wanted[i]));
    bool high = false;
    for (size_t i = 0; i < OCTET; i++)
        high |= bytes[i] >= 0x80;
    assert_int_equal(octet_high(octet) != 0, high);
}

static void every_byte_in_every_place(void **state)
{
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < OCTET; at++) {
            unsigned char bytes[OCTET + 1] = "plain...";
            bytes[at] = (unsigned char)byte;
            compare(bytes);
        }
}

/* One that is found must not hide another, nor make one up. */
static void many_at_once(void **state)
{
    static const unsigned char near[] = {0,   1,   '\n', 0x1f, ' ',  '"',  '#',
                                         ',', '-', 0x7e, 0x7f, 0x80, 0x81, 0xff};
    struct rng rng;
    rng_init(&rng, 7);
    for (int i = 0; i < 100000; i++) {
        unsigned char bytes[OCTET];
        for (size_t at = 0; at < OCTET; at++)
            bytes[at] = near[rng_below(&rng, sizeof near)];
        compare(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_in_every_place),
        cmocka_unit_test(many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
