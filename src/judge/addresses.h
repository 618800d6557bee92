/* Nodes by the addresses at which a standby may know them, so that whom it follows is
 * looked up and not searched. */
#ifndef JUDGE_ADDRESSES_H
#define JUDGE_ADDRESSES_H

#include "base/auto.h"
#include "judge/peer.h"

struct address {
    uint64_t key; /* of host and port */
    size_t place;
};

/* Zeroed: empty. */
struct addresses {
    const struct peer *peers; /* of the caller */
    struct address *items;    /* by key, then by place */
    size_t n;
};

/* False: no memory.  Free with addresses_fini() either way. */
bool addresses_init(struct addresses *ret_addresses, const struct peer *peers,
                    size_t n);
void addresses_fini(struct addresses *addresses);
AUTO_DEFINE_VALUE(struct addresses, addresses_fini)

/* The nodes that have the address of a standby's upstream (upstream_is()), in order:
 *
 *     struct address_search search = addresses_search(addresses, standby);
 *     for (size_t place; address_search_next(&search, &place);)
 */
struct address_search {
    const struct addresses *addresses;
    const struct peer *standby;
    uint64_t key;
    size_t at;
};

struct address_search addresses_search(const struct addresses *addresses,
                                       const struct peer *standby);
bool address_search_next(struct address_search *search, size_t *ret_place);

#endif
