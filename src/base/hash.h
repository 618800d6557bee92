/* Hashes of texts for tables in memory.  They are not keyed, so a table that an
 * attacker can fill needs a better hash. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

/* FNV-1a, 64 bits.  http://www.isthe.com/chongo/tech/comp/fnv/ */
static inline uint64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

#endif
