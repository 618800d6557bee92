/* Tests eight bytes at once.
 *
 * Rows are tens of megabytes in which hardly a byte needs quotes or an escape,
 * so the other bytes are skipped in words.  Each result has the high bit set in
 * the bytes that match; only the first match, counted from the lowest bit, is
 * sure to be right, which is enough for "is there any?". */
#ifndef BASE_OCTET_H
#define BASE_OCTET_H

#include <stdint.h>
#include <string.h>

enum { OCTET = sizeof(uint64_t) };

/* That byte eight times. */
#define OCTET_OF(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))

static inline uint64_t octet_load(const char *bytes)
{
    uint64_t octet;
    memcpy(&octet, bytes, sizeof octet);
    return octet;
}

static inline uint64_t octet_below(uint64_t octet, uint8_t limit) /* at most 128 */
{
    return (octet - OCTET_OF(limit)) & ~octet & OCTET_OF(0x80);
}

static inline uint64_t octet_has(uint64_t octet, char byte)
{
    return octet_below(octet ^ OCTET_OF(byte), 1);
}

/* Not ASCII. */
static inline uint64_t octet_high(uint64_t octet)
{
    return octet & OCTET_OF(0x80);
}

#endif
