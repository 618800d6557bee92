/* What every fuzz target starts with.  A target is one function that gets bytes and
 * aborts when a promise is broken. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Unlike assert() it is there in every build. */
#define require(promise) ((promise) ? (void)0 : abort())

/* Nothing that a terminal would obey, except the ends of lines. */
static inline void require_harmless(const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint32_t code = 0;
        size_t length = text_decode(text + at, n - at, &code);
        require(length > 0 && (code == '\n' || !text_deceives(code)));
        at += length;
    }
}

/* The input as a string of its own, so that reading behind its end is noticed. */
static inline char *fuzz_string(const uint8_t *bytes, size_t n)
{
    char *string = malloc(n + 1);
    require(string);
    if (n)
        memcpy(string, bytes, n);
    string[n] = '\0';
    return string;
}

#endif
