/* Random numbers for jitter and spreading, not for secrets: splitmix64.  Same seed,
 * same numbers, on every machine. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

void rng_init(struct rng *rng, uint64_t seed);
void rng_init_random(struct rng *rng); /* seeded by the kernel */
uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t limit); /* 0 … limit - 1; limit > 0 */
double rng_unit(struct rng *rng);                    /* [0, 1) */

#endif
