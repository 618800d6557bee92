/* Whatever servers say of each other, circles and lies among it: every node is in the
 * forest once, behind the one that it follows, and only where it says that it follows
 * that address; and no sender is lost or counted twice. */
#include "judge/topology.h"
#include "judge/upstream.h"
#include "tests/property/walk.h"
#include "tests/test.h"

#include <string.h>

enum { ROUNDS = 20000, MOST = 9, MOST_SENDERS = 5 };

static struct pgcensus_node_result results[MOST];
static struct pgcensus_identity identities[MOST];
static struct pgcensus_facts facts[MOST];
static struct pgcensus_sender senders[MOST][MOST_SENDERS];

/* Few of each, so that they meet. */
static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "127.0.0.1", "localhost",
                                    "/run",     "db",       "::1",       "10.0.0.3"};
static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
static const char *const applications[] = {"walreceiver", "a", "b", "pg_receivewal"};

#define PICK(rng, list) (list)[rng_below(rng, sizeof(list) / sizeof *(list))]

static void set(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text);
}

static void random_senders(struct rng *rng, size_t i)
{
    bool hidden = rng_below(rng, 8) == 0;
    facts[i].senders = senders[i];
    facts[i].n_senders = (int)rng_below(rng, MOST_SENDERS + 2) - 1;
    for (int j = 0; j < facts[i].n_senders; j++) {
        struct pgcensus_sender *sender = &senders[i][j];
        *sender = (struct pgcensus_sender){.state = ""};
        if (hidden)
            continue;
        set(sender->application, sizeof sender->application, PICK(rng, applications));
        set(sender->state, sizeof sender->state, "streaming");
        const char *address = PICK(rng, hosts);
        if (*address != '/' && rng_below(rng, 4))
            set(sender->address, sizeof sender->address, address);
    }
}

static void random_node(struct rng *rng, size_t i)
{
    const char *host = PICK(rng, hosts);
    identities[i] = (struct pgcensus_identity){
        .name = names[i], .host = host, .port = (uint16_t)(1 + rng_below(rng, 2))};
    identities[i].via_pooler = rng_below(rng, 12) == 0;
    results[i] = (struct pgcensus_node_result){
        .index = i,
        .attempted = rng_below(rng, 12) > 0,
        .failed = rng_below(rng, 12) == 0,
        .role = rng_below(rng, 4) ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY,
    };
    if (strcmp(host, "db") == 0)
        host = PICK(rng, hosts);
    if (*host != '/' && rng_below(rng, 6))
        set(results[i].hostaddr, sizeof results[i].hostaddr, host);
    facts[i] = (struct pgcensus_facts){
        .system_identifier = rng_below(rng, 8) ? 1 + rng_below(rng, 2) : 0,
        .started_at = (nsec)(1 + rng_below(rng, 2 * MOST)),
        .receiver = (enum pgcensus_receiver)rng_below(rng, 5),
        .upstream_port = 1 + (int)rng_below(rng, 2),
    };
    if (rng_below(rng, 8))
        set(facts[i].upstream_host, sizeof facts[i].upstream_host, PICK(rng, hosts));
    random_senders(rng, i);
    results[i].facts = rng_below(rng, 12) ? &facts[i] : NULL;
}

static struct peer peer_of(const struct pgcensus_tree_node *node)
{
    size_t i = node->result->index;
    return (struct peer){&identities[i], &results[i]};
}

/* Of the server, by any of its nodes. */
static bool follows(const struct pgcensus_tree_node *node,
                    const struct pgcensus_cluster *cluster)
{
    struct peer standby = peer_of(node);
    for (size_t i = 0; i < cluster->n; i++) {
        struct peer other = peer_of(&cluster->nodes[i]);
        if ((&cluster->nodes[i] == node->upstream ||
             cluster->nodes[i].same_server_as == node->upstream) &&
            upstream_is(&standby, &other))
            return true;
    }
    return false;
}

static void assert_node(const struct pgcensus_tree_node *node,
                        const struct pgcensus_cluster *cluster)
{
    const struct pgcensus_tree_node *upstream = node->upstream;
    assert_int_equal(node->result->facts->system_identifier,
                     cluster->system_identifier);
    assert_true(!upstream || upstream < node);
    assert_int_equal(node->depth, upstream ? upstream->depth + 1 : 0);
    assert_true(!node->same_server_as || !node->same_server_as->same_server_as);
    assert_true(!upstream || !upstream->same_server_as);
    assert_false(upstream && node->upstream_reason);
    if (node->same_server_as) {
        assert_ptr_equal(upstream, node->same_server_as->upstream);
        assert_true(node->same_server_as->result->index < node->result->index);
        assert_int_equal(node->n_strangers, 0);
        return;
    }
    bool is_standby = node->result->role == PGCENSUS_STANDBY;
    assert_int_equal(is_standby && !upstream, node->upstream_reason != NULL);
    assert_true(!upstream || (is_standby && follows(node, cluster)));
}

static void assert_senders(const struct pgcensus_tree_node *node)
{
    int n = node->result->facts->n_senders, standbys = 0;
    if (node->same_server_as)
        return;
    for (const struct pgcensus_tree_node *at = node->first; at; at = at->next)
        standbys += !at->same_server_as;
    if (n < 0) {
        assert_int_equal(node->n_hidden, -1);
        return;
    }
    int unknown = (int)node->n_strangers + node->n_hidden;
    assert_true(node->n_hidden >= 0);
    assert_true(unknown <= n && unknown >= n - standbys);
}

static void assert_forest(const struct pgcensus_topology *topology, size_t n)
{
    bool seen[MOST] = {false};
    for (size_t i = 0; i < topology->n_clusters; i++) {
        const struct pgcensus_cluster *cluster = &topology->clusters[i];
        assert_true(cluster->n > 0);
        for (size_t j = 0; j < cluster->n; j++, n--) {
            const struct pgcensus_tree_node *node = &cluster->nodes[j];
            assert_false(seen[node->result->index]);
            seen[node->result->index] = true;
            assert_node(node, cluster);
            assert_senders(node);
        }
    }
    for (size_t i = 0; i < topology->n_unplaced; i++, n--) {
        assert_false(seen[topology->unplaced[i].result->index]);
        seen[topology->unplaced[i].result->index] = true;
        assert_non_null(topology->unplaced[i].reason);
    }
    assert_int_equal(n, 0);
}

static void random_fleets_become_forests(void **state)
{
    struct rng rng = walk_begin("random fleets");
    size_t edges = 0, circles = 0, aliases = 0, strangers = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct peer peers[MOST];
        struct pgcensus_error error;
        size_t n = rng_below(&rng, MOST + 1);
        for (size_t i = 0; i < n; i++) {
            random_node(&rng, i);
            peers[i] = (struct peer){&identities[i], &results[i]};
        }
        struct pgcensus_topology *topology = topology_make(peers, n, &error);
        assert_non_null(topology);
        assert_forest(topology, n);
        for (size_t i = 0; i < topology->n_clusters; i++)
            for (size_t j = 0; j < topology->clusters[i].n; j++) {
                const struct pgcensus_tree_node *node = &topology->clusters[i].nodes[j];
                const char *reason = node->upstream_reason;
                edges += node->upstream != NULL;
                circles += reason && strcmp(reason, "circle") == 0;
                aliases += node->same_server_as != NULL;
                strangers += node->n_strangers;
            }
        pgcensus_topology_free(topology);
    }
    if (!getenv("PGCENSUS_SEED")) /* it is no proof if nothing of it ever happened */
        assert_true(edges > 1000 && circles > 100 && aliases > 100 && strangers > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_fleets_become_forests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
