#include "base/rng.h"

#include "base/clock.h"

#include <assert.h>
#include <sys/random.h>

void rng_init(struct rng *rng, uint64_t seed)
{
    rng->state = seed;
}

void rng_init_random(struct rng *rng)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed =
            (uint64_t)clock_wall() ^ (uint64_t)clock_now() << 20 ^ (uint64_t)getpid();
    rng_init(rng, seed);
}

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014. */
uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint64_t rng_below(struct rng *rng, uint64_t limit)
{
    assert(limit > 0);
    /* 2^64 is usually no multiple of limit; numbers of the incomplete last
     * round would come too often, so they are drawn again. */
    uint64_t excess = -limit % limit;
    uint64_t number;
    do
        number = rng_next(rng);
    while (number < excess);
    return number % limit;
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}
