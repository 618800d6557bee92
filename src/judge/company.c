#include "judge/company.h"

#include "base/memory.h"
#include "judge/servers.h"

bool company_is_measurable(const struct peer *primary)
{
    return peer_may_be_measured(primary) && peer_cluster(primary) &&
           primary->result->facts->wal;
}

/* ---- runs ---- */

/* A place with what it is sorted by. */
struct entry {
    uint64_t cluster;
    bool is_primary;
    int rank; /* of a primary: how much can be measured against it */
    size_t server, place;
};

static int compare_places(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    if (left->cluster != right->cluster)
        return left->cluster > right->cluster ? 1 : -1;
    if (left->is_primary != right->is_primary)
        return left->is_primary ? -1 : 1;
    if (left->is_primary && left->server != right->server)
        return compare_places(left->server, right->server);
    if (left->is_primary && left->rank != right->rank)
        return left->rank > right->rank ? -1 : 1;
    return compare_places(left->place, right->place);
}

/* Behind the last one; what it lists of primaries begins where that one's list ends. */
static struct run *begin_run(struct company *company, uint64_t cluster,
                             const size_t *places)
{
    struct run *run = &company->runs[company->n_runs];
    run->cluster = cluster;
    run->places = places;
    run->primaries = company->primaries;
    if (company->n_runs++ > 0)
        run->primaries = run[-1].primaries + run[-1].n_primaries;
    return run;
}

/* One for each server. */
static void list_primary(struct company *company, struct run *run, size_t place)
{
    size_t *end = &company->primaries[run->primaries - company->primaries];
    end += run->n_primaries;
    if (run->n_primaries > 0 && company->servers[end[-1]] == company->servers[place])
        return;
    *end = place;
    run->n_primaries++;
    if (company_is_measurable(&company->peers[place]))
        company->n_measurable++;
    else
        company->n_hidden++;
}

static void divide(struct company *company, const struct entry *entries)
{
    struct run *run = NULL;
    for (size_t i = 0; i < company->n; i++) {
        company->places[i] = entries[i].place;
        if (!run || run->cluster != entries[i].cluster)
            run = begin_run(company, entries[i].cluster, &company->places[i]);
        run->n++;
        company->run_of[entries[i].place] = company->n_runs - 1;
        if (entries[i].is_primary)
            list_primary(company, run, entries[i].place);
    }
}

/* What one node of a server tells goes for all of them. */
static void learn_servers(struct company *company, uint64_t *clusters)
{
    for (size_t i = 0; i < company->n; i++) {
        size_t server = company->servers[i];
        uint64_t cluster = peer_cluster(&company->peers[i]);
        clusters[server] = cluster > clusters[server] ? cluster : clusters[server];
        company->dated[server] |= peer_started(&company->peers[i]) != 0;
    }
}

static bool put_in_order(struct company *company)
{
    AUTO(free) struct entry *entries = memory_array(company->n, sizeof *entries);
    AUTO(free) uint64_t *clusters = memory_array(company->n, sizeof *clusters);
    if (!entries || !clusters)
        return false;
    learn_servers(company, clusters);
    for (size_t i = 0; i < company->n; i++) {
        const struct peer *peer = &company->peers[i];
        uint64_t own = peer_cluster(peer);
        entries[i] = (struct entry){
            .cluster = own ? own : clusters[company->servers[i]],
            .is_primary = peer_is(peer, PGCENSUS_PRIMARY),
            .rank = peer_may_be_measured(peer) + company_is_measurable(peer),
            .server = company->servers[i],
            .place = i,
        };
        company->n_held += peer_is_held(peer);
    }
    qsort(entries, company->n, sizeof *entries, compare_entries);
    divide(company, entries);
    return true;
}

/* ---- all of it ---- */

bool company_init(struct company *ret_company, const struct peer *peers, size_t n)
{
    *ret_company = (struct company){
        .peers = peers,
        .n = n,
        .servers = memory_array(n, sizeof *ret_company->servers),
        .runs = memory_array(n, sizeof *ret_company->runs),
        .dated = memory_array(n, sizeof *ret_company->dated),
        .run_of = memory_array(n, sizeof *ret_company->run_of),
        .places = memory_array(n, sizeof *ret_company->places),
        .primaries = memory_array(n, sizeof *ret_company->primaries),
    };
    return ret_company->servers && ret_company->dated && ret_company->runs &&
           ret_company->run_of && ret_company->places && ret_company->primaries &&
           addresses_init(&ret_company->addresses, peers, n) &&
           servers_find(peers, n, ret_company->servers) && put_in_order(ret_company);
}

void company_fini(struct company *company)
{
    free(company->servers);
    free(company->dated);
    free(company->runs);
    free(company->run_of);
    free(company->places);
    free(company->primaries);
    addresses_fini(&company->addresses);
    *company = (struct company){.n = 0};
}
