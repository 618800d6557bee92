/* A node is filed under its name and under the address that was used, and one on our
 * machine under that, because there each server is known by many names.  What a key
 * leads to is asked whether it is meant, so it need only be the same for what is the
 * same. */
#include "judge/addresses.h"

#include "base/memory.h"
#include "judge/upstream.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

static const char our_machine[] = "/";

/* FNV-1a.  http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t add_byte(uint64_t key, unsigned byte)
{
    return (key ^ byte) * 0x100000001b3;
}

/* Names know no case, and of IPv6 there are many spellings. */
static uint64_t key_of(const char *host, int port)
{
    uint64_t key = 0xcbf29ce484222325;
    struct in6_addr address;
    key = add_byte(key, (unsigned)port & 0xff);
    key = add_byte(key, (unsigned)port >> 8);
    if (inet_pton(AF_INET6, host, &address) == 1) {
        for (size_t i = 0; i < sizeof address; i++)
            key = add_byte(key, address.s6_addr[i]);
        return key;
    }
    for (; *host; host++)
        key = add_byte(key, (unsigned)tolower((unsigned char)*host));
    return key;
}

static int compare_addresses(const void *a, const void *b)
{
    const struct address *left = a, *right = b;
    if (left->key != right->key)
        return left->key > right->key ? 1 : -1;
    return (left->place > right->place) - (left->place < right->place);
}

static void add(struct addresses *addresses, const char *host, size_t place)
{
    uint64_t key = key_of(host, addresses->peers[place].identity->port);
    size_t n = addresses->n;
    for (; n > 0 && addresses->items[n - 1].place == place; n--)
        if (addresses->items[n - 1].key == key)
            return;
    addresses->items[addresses->n++] = (struct address){key, place};
}

static void add_peer(struct addresses *addresses, size_t place)
{
    const struct peer *peer = &addresses->peers[place];
    const char *address = upstream_address_of(peer);
    add(addresses, peer->identity->host, place);
    add(addresses, address, place);
    if (upstream_is_local(address))
        add(addresses, our_machine, place);
}

bool addresses_init(struct addresses *ret_addresses, const struct peer *peers, size_t n)
{
    *ret_addresses = (struct addresses){
        .peers = peers, .items = memory_array(n, 3 * sizeof(struct address))};
    if (!ret_addresses->items)
        return false;
    for (size_t i = 0; i < n; i++)
        add_peer(ret_addresses, i);
    qsort(ret_addresses->items, ret_addresses->n, sizeof *ret_addresses->items,
          compare_addresses);
    return true;
}

void addresses_fini(struct addresses *addresses)
{
    free(addresses->items);
    *addresses = (struct addresses){.n = 0};
}

/* ---- looking up ---- */

static const char *where_to_look(const struct peer *standby)
{
    const char *host = standby->result->facts->upstream_host;
    const char *own = upstream_address_of(standby);
    if (!upstream_is_local(host))
        return host;
    return upstream_is_local(own) ? our_machine : own;
}

/* Where the ones with that key begin. */
static size_t first_of(const struct addresses *addresses, uint64_t key)
{
    size_t low = 0, high = addresses->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (addresses->items[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct address_search addresses_search(const struct addresses *addresses,
                                       const struct peer *standby)
{
    const struct pgcensus_facts *facts = standby->result->facts;
    struct address_search search = {addresses, standby, 0, addresses->n};
    if (!facts || !*facts->upstream_host)
        return search;
    search.key = key_of(where_to_look(standby), facts->upstream_port);
    search.at = first_of(addresses, search.key);
    return search;
}

bool address_search_next(struct address_search *search, size_t *ret_place)
{
    const struct addresses *addresses = search->addresses;
    for (; search->at < addresses->n; search->at++) {
        const struct address *item = &addresses->items[search->at];
        if (item->key != search->key)
            return false;
        if (!upstream_is(search->standby, &addresses->peers[item->place]))
            continue;
        *ret_place = item->place;
        search->at++;
        return true;
    }
    return false;
}
