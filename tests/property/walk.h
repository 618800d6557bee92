/* Random walks that can be repeated: the seed is printed, and PGCENSUS_SEED replays it.
 */
#ifndef PROPERTY_WALK_H
#define PROPERTY_WALK_H

#include "base/rng.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static inline struct rng walk_begin(const char *name)
{
    const char *given = getenv("PGCENSUS_SEED");
    struct rng rng;
    if (given) {
        rng_init(&rng, strtoull(given, NULL, 0));
    } else {
        rng_init_random(&rng);
        rng_init(&rng, rng_next(&rng));
    }
    printf("# %s: PGCENSUS_SEED=%llu\n", name, (unsigned long long)rng.state);
    return rng;
}

/* Fills bytes with up to n - 1 characters of the alphabet and a NUL; returns how many.
 */
static inline size_t walk_word(struct rng *rng, const char *alphabet, size_t n_letters,
                               char *bytes, size_t n)
{
    size_t length = rng_below(rng, n);
    for (size_t i = 0; i < length; i++)
        bytes[i] = alphabet[rng_below(rng, n_letters)];
    bytes[length] = '\0';
    return length;
}

#endif
