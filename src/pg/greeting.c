#include "pg/greeting.h"

#include <stdint.h>
#include <string.h>

enum { HEADER = 5 }; /* a type and a length, which counts itself */

static size_t length_of(const unsigned char *header)
{
    return (size_t)header[1] << 24 | (size_t)header[2] << 16 | (size_t)header[3] << 8 |
           header[4];
}

static void begin_message(struct greeting *greeting, const unsigned char *header)
{
    size_t length = length_of(header);
    greeting->left = length + 1;
    greeting->parameters += header[0] == 'S';
    greeting->over = header[0] == 'Z' || length < HEADER - 1;
}

size_t greeting_count(struct greeting *greeting, const unsigned char *bytes, size_t n)
{
    size_t at = 0;
    while (at < n && !greeting->over) {
        size_t there = n - at;
        if (greeting->left == 0 && there < HEADER)
            break;
        if (greeting->left == 0)
            begin_message(greeting, bytes + at);
        size_t step = greeting->left < there ? greeting->left : there;
        greeting->left -= step;
        at += step;
    }
    if (greeting->over)
        at = n;
    greeting->bytes += at;
    return at;
}

const char *greeting_excess(const struct greeting *greeting)
{
    if (greeting->parameters > GREETING_PARAMETERS)
        return "more than 200 parameters";
    return greeting->bytes > GREETING_BYTES ? "more than 64kB" : NULL;
}

/* The size of a parameter: "S", a length, two strings that fill it; 0: it is none. */
static size_t parameter_size(const unsigned char *bytes, size_t n)
{
    enum { LONGEST = 1024 };
    if (n < HEADER || bytes[0] != 'S')
        return 0;
    size_t size = length_of(bytes) + 1;
    if (size < HEADER + 2 || size > LONGEST || size > n || bytes[size - 1] != '\0')
        return 0;
    const unsigned char *name_end = memchr(bytes + HEADER, '\0', size - HEADER);
    size_t used = (size_t)(name_end - bytes) + 1;
    if (used >= size)
        return 0;
    return memchr(bytes + used, '\0', size - used) == bytes + size - 1 ? size : 0;
}

bool greeting_resembles(const unsigned char *bytes, size_t n)
{
    for (size_t begin = 0; begin < n; begin++) {
        size_t at = begin, size;
        for (int i = 0; i < 3 && (size = parameter_size(bytes + at, n - at)); i++)
            at += size;
        if (size)
            return true;
    }
    return false;
}
