/* Clues, each of which sorts the nodes so that those that share it stand side by side:
 *
 *   started in the same microsecond,
 *   reached at the same address and port,
 *   configured with the same host and port, if the address of one is not known.
 *
 * What shares a clue is one server unless something is known against it, of these nodes
 * or of those that are one server with them already: then none of them are put
 * together, because nobody knows which.
 *
 * The surprise: an address means nothing behind a pooler, which may lead anywhere. */
#include "judge/servers.h"

#include "base/auto.h"
#include "base/memory.h"
#include "judge/upstream.h"

#include <string.h>
#include <strings.h>

struct clue {
    const char *host; /* "" for none */
    int64_t number;   /* a time, or a port */
    uint64_t cluster;
    size_t place;
};

/* What is known of a server. */
struct known {
    uint64_t cluster;
    nsec started;
    bool is_primary, is_standby;
};

struct server_search {
    const struct peer *peers;
    struct clue *clues;
    struct known *known; /* by server */
    size_t n;
    size_t *servers; /* a forest: towards the first, which stands for itself */
};

/* ---- servers ---- */

static size_t find(const struct server_search *search, size_t i)
{
    size_t *servers = search->servers;
    while (servers[i] != i)
        i = servers[i] = servers[servers[i]];
    return i;
}

/* False: something of one cannot be true of the other. */
static bool learn(struct known *known, const struct known *more)
{
    bool fits = !(known->cluster && more->cluster && known->cluster != more->cluster);
    fits &= !(known->started && more->started && known->started != more->started);
    known->cluster = known->cluster ? known->cluster : more->cluster;
    known->started = known->started ? known->started : more->started;
    known->is_primary |= more->is_primary;
    known->is_standby |= more->is_standby;
    return fits && !(known->is_primary && known->is_standby);
}

static void put_together(struct server_search *search, size_t a, size_t b)
{
    size_t one = find(search, a), other = find(search, b);
    size_t first = one < other ? one : other, second = one < other ? other : one;
    if (first == second)
        return;
    learn(&search->known[first], &search->known[second]);
    search->servers[second] = first;
}

/* ---- clues ---- */

/* Names know no case; paths do. */
static int compare_hosts(const char *a, const char *b)
{
    return *a == '/' && *b == '/' ? strcmp(a, b) : strcasecmp(a, b);
}

static bool is_same_clue(const struct clue *a, const struct clue *b)
{
    return a->number == b->number && compare_hosts(a->host, b->host) == 0;
}

static int compare_clues(const void *a, const void *b)
{
    const struct clue *left = a, *right = b;
    if (left->number != right->number)
        return left->number > right->number ? 1 : -1;
    int order = compare_hosts(left->host, right->host);
    if (order)
        return order;
    if (left->cluster != right->cluster)
        return left->cluster > right->cluster ? 1 : -1;
    return (left->place > right->place) - (left->place < right->place);
}

static void add_clue(struct server_search *search, size_t n, const char *host,
                     int64_t number, size_t place)
{
    search->clues[n] =
        (struct clue){host, number, peer_cluster(&search->peers[place]), place};
}

/* Where it is, is known: it was reached there, or that is configured. */
static bool has_address(const struct peer *peer)
{
    return *peer->result->hostaddr || peer->identity->hostaddr;
}

/* ---- what shares a clue ---- */

/* Whether something is known of two of them that no server can have both. */
static bool is_torn(const struct server_search *search, const struct clue *run,
                    size_t n)
{
    struct known all = {.cluster = 0};
    for (size_t i = 0; i < n; i++)
        if (!learn(&all, &search->known[find(search, run[i].place)]))
            return true;
    return false;
}

static void join(struct server_search *search, const struct clue *run, size_t n)
{
    for (size_t i = 1; i < n; i++)
        put_together(search, run[0].place, run[i].place);
}

/* What is of one cluster and was started in one moment is one server, also if it was
 * promoted between two questions. */
static void join_started(struct server_search *search, const struct clue *run, size_t n)
{
    if (!is_torn(search, run, n))
        join(search, run, n);
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && run[end].cluster == run[begin].cluster;)
            end++;
        if (run[begin].cluster)
            join(search, &run[begin], end - begin);
    }
}

static void join_reached(struct server_search *search, const struct clue *run, size_t n)
{
    if (!is_torn(search, run, n))
        join(search, run, n);
}

/* A name may lead to several servers, which were told apart by their addresses. */
static bool leads_to_one(const struct server_search *search, const struct clue *run,
                         size_t n)
{
    const struct clue *known = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!has_address(&search->peers[run[i].place]))
            continue;
        if (known && find(search, known->place) != find(search, run[i].place))
            return false;
        known = &run[i];
    }
    return true;
}

static void join_configured(struct server_search *search, const struct clue *run,
                            size_t n)
{
    if (!is_torn(search, run, n) && leads_to_one(search, run, n))
        join(search, run, n);
}

static void follow(struct server_search *search, size_t n,
                   void (*join_run)(struct server_search *search,
                                    const struct clue *run, size_t n))
{
    qsort(search->clues, n, sizeof *search->clues, compare_clues);
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1;
             end < n && is_same_clue(&search->clues[begin], &search->clues[end]);)
            end++;
        if (end - begin > 1)
            join_run(search, &search->clues[begin], end - begin);
    }
}

/* ---- all of it ---- */

static void follow_starts(struct server_search *search)
{
    size_t n = 0;
    for (size_t i = 0; i < search->n; i++)
        if (peer_started(&search->peers[i]))
            add_clue(search, n++, "", peer_started(&search->peers[i]), i);
    follow(search, n, join_started);
}

static void follow_addresses(struct server_search *search)
{
    size_t n = 0;
    for (size_t i = 0; i < search->n; i++) {
        const struct peer *peer = &search->peers[i];
        if (!peer->identity->via_pooler)
            add_clue(search, n++, upstream_address_of(peer), peer->identity->port, i);
    }
    follow(search, n, join_reached);
}

static void follow_hosts(struct server_search *search)
{
    size_t n = 0;
    for (size_t i = 0; i < search->n; i++) {
        const struct peer *peer = &search->peers[i];
        if (!peer->identity->via_pooler)
            add_clue(search, n++, peer->identity->host, peer->identity->port, i);
    }
    follow(search, n, join_configured);
}

static void begin(struct server_search *search)
{
    for (size_t i = 0; i < search->n; i++) {
        const struct peer *peer = &search->peers[i];
        search->servers[i] = i;
        search->known[i] = (struct known){
            .cluster = peer_cluster(peer),
            .started = peer_started(peer),
            .is_primary = peer_is(peer, PGCENSUS_PRIMARY),
            .is_standby = peer_is(peer, PGCENSUS_STANDBY),
        };
    }
}

bool servers_find(const struct peer *peers, size_t n, size_t *ret_servers)
{
    AUTO(free) struct clue *clues = memory_array(n, sizeof *clues);
    AUTO(free) struct known *known = memory_array(n, sizeof *known);
    struct server_search search = {peers, clues, known, n, ret_servers};
    if (!clues || !known)
        return false;
    begin(&search);
    follow_starts(&search);
    follow_addresses(&search);
    follow_hosts(&search);
    for (size_t i = 0; i < n; i++)
        ret_servers[i] = find(&search, i);
    return true;
}
