/* What every fuzz target starts with.  A target is one function that gets bytes and
 * aborts when a promise is broken. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Unlike assert() it is there in every build. */
#define require(promise) ((promise) ? (void)0 : abort())

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
