/* Judging sorts once and looks at neighbours; here each node is compared with each
 * other one, as the words of the headers have it, and both must agree: on who is one
 * server, on who is whose rival, on lag; and no verdict may depend on the order of the
 * nodes. */
#include "judge/group.h"
#include "judge/servers.h"
#include "judge/upstream.h"
#include "tests/property/walk.h"
#include "tests/test.h"

#include <string.h>
#include <strings.h>

enum { ROUNDS = 20000, MOST = 9 };

static struct pgcensus_node_result results[MOST];
static struct pgcensus_identity identities[MOST];
static struct pgcensus_facts facts[MOST];

/* Few of each, so that they meet. */
static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "/run", "db", "DB", "::1"};
static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};

#define PICK(rng, list) (list)[rng_below(rng, sizeof(list) / sizeof *(list))]

static void random_node(struct rng *rng, size_t i)
{
    const char *host = PICK(rng, hosts);
    identities[i] =
        (struct pgcensus_identity){.name = names[i], .host = host, .port = 1};
    identities[i].port = (uint16_t)(1 + rng_below(rng, 3));
    identities[i].via_pooler = rng_below(rng, 12) == 0;
    identities[i].expect_archive = rng_below(rng, 8) == 0;
    results[i] = (struct pgcensus_node_result){
        .index = i,
        .status = PGCENSUS_OK,
        .attempted = rng_below(rng, 12) > 0,
        .failed = rng_below(rng, 12) == 0,
        .role = (enum pgcensus_role)rng_below(rng, 3),
    };
    if (!results[i].attempted)
        results[i].status = PGCENSUS_DISABLED;
    else if (results[i].failed)
        results[i].status = PGCENSUS_DOWN;
    if (strcasecmp(host, "db") == 0)
        host = PICK(rng, hosts);
    if (*host != '/' && results[i].attempted && rng_below(rng, 6))
        snprintf(results[i].hostaddr, sizeof results[i].hostaddr, "%s", host);
    facts[i] = (struct pgcensus_facts){
        .system_identifier = rng_below(rng, 4) ? 1 + rng_below(rng, 2) : 0,
        .started_at = (nsec)rng_below(rng, MOST),
        .timeline = 1,
        .receiver = (enum pgcensus_receiver)rng_below(rng, 5),
        .wal = 1000,
        .received = 900 + rng_below(rng, 150),
        .replayed = 900 + rng_below(rng, 150),
        .last_commit = 1,
    };
    if (results[i].role == PGCENSUS_STANDBY) /* two nodes of a primary agree in it */
        facts[i].timeline = (uint32_t)rng_below(rng, 3);
    if (peer_answered(&(struct peer){&identities[i], &results[i]}) &&
        rng_below(rng, 12))
        results[i].facts = &facts[i];
}

static size_t random_fleet(struct rng *rng, struct peer *peers)
{
    size_t n = 1 + rng_below(rng, MOST);
    for (size_t i = 0; i < n; i++) {
        random_node(rng, i);
        peers[i] = (struct peer){&identities[i], &results[i]};
    }
    return n;
}

/* ---- who is one server, by comparing all with all ---- */

static bool differ(const struct peer *a, const struct peer *b)
{
    uint64_t one = peer_cluster(a), other = peer_cluster(b);
    nsec begun = peer_started(a), started = peer_started(b);
    bool have_roles =
        peer_answered(a) && peer_answered(b) && a->result->role && b->result->role;
    return (one && other && one != other) || (begun && started && begun != started) ||
           (have_roles && a->result->role != b->result->role);
}

enum clue { STARTED, REACHED, CONFIGURED };

static const char *address_of(const struct peer *peer, enum clue clue)
{
    const char *hostaddr = peer->result->hostaddr;
    return clue == REACHED && *hostaddr ? hostaddr : peer->identity->host;
}

static bool has_clue(const struct peer *peer, enum clue clue)
{
    return clue == STARTED ? peer_started(peer) != 0 : !peer->identity->via_pooler;
}

static int compare(const struct peer *a, const struct peer *b, enum clue clue)
{
    if (clue == STARTED)
        return (peer_started(a) > peer_started(b)) -
               (peer_started(a) < peer_started(b));
    int order = (int)a->identity->port - (int)b->identity->port;
    return order ? order : strcasecmp(address_of(a, clue), address_of(b, clue));
}

struct sets {
    bool same[MOST][MOST];
};

static void close_sets(struct sets *sets, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                sets->same[i][j] |= sets->same[i][k] && sets->same[k][j];
}

/* Of those that share the clue, and of whom is one server with them. */
static bool is_torn(const struct peer *peers, size_t n, const bool *shares,
                    enum clue clue, const struct sets *sets)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            bool reached = *peers[i].result->hostaddr && *peers[j].result->hostaddr;
            if (!shares[i] || !shares[j])
                continue;
            if (clue == CONFIGURED && reached && !sets->same[i][j])
                return true;
            for (size_t k = 0; k < n; k++)
                for (size_t l = 0; l < n; l++)
                    if (sets->same[i][k] && sets->same[j][l] &&
                        differ(&peers[k], &peers[l]))
                        return true;
        }
    return false;
}

/* All that share the clue of this one. */
static void put_together(const struct peer *peers, size_t n, size_t at, enum clue clue,
                         struct sets *sets)
{
    bool shares[MOST];
    for (size_t i = 0; i < n; i++)
        shares[i] =
            has_clue(&peers[i], clue) && compare(&peers[at], &peers[i], clue) == 0;
    bool torn = is_torn(peers, n, shares, clue, sets);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            bool is_known = clue == STARTED && peer_cluster(&peers[i]) &&
                            peer_cluster(&peers[i]) == peer_cluster(&peers[j]);
            sets->same[i][j] |= shares[i] && shares[j] && (is_known || !torn);
        }
    close_sets(sets, n);
}

/* Clue by clue, from the least. */
static struct sets compare_all(const struct peer *peers, size_t n)
{
    struct sets sets = {{{false}}};
    for (size_t i = 0; i < n; i++)
        sets.same[i][i] = true;
    for (enum clue clue = STARTED; clue <= CONFIGURED; clue++) {
        bool done[MOST] = {false};
        for (;;) {
            size_t least = n;
            for (size_t i = 0; i < n; i++)
                if (!done[i] && has_clue(&peers[i], clue) &&
                    (least == n || compare(&peers[i], &peers[least], clue) < 0))
                    least = i;
            if (least == n)
                break;
            put_together(peers, n, least, clue, &sets);
            for (size_t i = 0; i < n; i++)
                done[i] |= compare(&peers[i], &peers[least], clue) == 0;
        }
    }
    return sets;
}

static void one_server_is_found_in_any_order(void **state)
{
    struct rng rng = walk_begin("servers");
    size_t same = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct peer peers[MOST];
        size_t servers[MOST], n = random_fleet(&rng, peers);
        struct sets sets = compare_all(peers, n);
        assert_true(servers_find(peers, n, servers));
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                assert_int_equal(servers[i] == servers[j], sets.same[i][j]);
                same += i < j && sets.same[i][j];
            }
        for (size_t i = 0; i < n; i++)
            assert_true(servers[i] <= i && servers[servers[i]] == servers[i]);
    }
    assert_true(same > 1000);
}

/* ---- rivals, by comparing all with all ---- */

/* What one node of a server tells goes for all of them. */
static uint64_t cluster_of(const struct peer *peers, size_t n, size_t i,
                           const struct sets *sets)
{
    uint64_t cluster = peer_cluster(&peers[i]);
    for (size_t j = 0; j < n && !peer_cluster(&peers[i]); j++)
        if (sets->same[i][j] && peer_cluster(&peers[j]) > cluster)
            cluster = peer_cluster(&peers[j]);
    return cluster;
}

static bool is_dated(const struct peer *peers, size_t n, size_t i,
                     const struct sets *sets)
{
    for (size_t j = 0; j < n; j++)
        if (sets->same[i][j] && peer_started(&peers[j]))
            return true;
    return false;
}

static bool are_rivals(const struct peer *peers, size_t n, size_t i, size_t j,
                       const struct sets *sets)
{
    uint64_t cluster = cluster_of(peers, n, i, sets);
    return peer_is(&peers[i], PGCENSUS_PRIMARY) &&
           peer_is(&peers[j], PGCENSUS_PRIMARY) && !sets->same[i][j] && cluster &&
           cluster == cluster_of(peers, n, j, sets) && is_dated(peers, n, i, sets) &&
           is_dated(peers, n, j, sets);
}

static bool has_rivals(const struct peer *peers, size_t n)
{
    struct sets sets = compare_all(peers, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (are_rivals(peers, n, i, j, &sets))
                return true;
    return false;
}

static bool has_code(const struct pgcensus_group_verdict *verdict, const char *code)
{
    for (size_t i = 0; i < verdict->n_reasons; i++)
        if (strcmp(verdict->reasons[i].code, code) == 0)
            return true;
    return false;
}

static void random_rules(struct rng *rng, struct pgcensus_require *require)
{
    int *const rules[] = {&require->primaries, &require->standbys,
                          &require->min_healthy};
    for (size_t i = 0; i < 3; i++)
        *rules[i] = (int)rng_below(rng, 5) - 2;
}

static void assert_verdict(const struct group_question *question,
                           const struct pgcensus_group_verdict *verdict)
{
    const struct pgcensus_require *require = &question->require;
    const struct company *company = question->company;
    bool has_rules =
        require->primaries >= 0 || require->standbys >= 0 || require->min_healthy >= 0;
    assert_int_equal(has_code(verdict, "split_brain"),
                     has_rivals(company->peers, company->n));
    assert_true(has_rules || !has_code(verdict, "identity_unknown"));
    assert_true(has_rules || verdict->status != PGCENSUS_UNKNOWN);
    for (size_t i = 0; i < verdict->n_primaries; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(company->servers[verdict->primaries[i]] !=
                        company->servers[verdict->primaries[j]]);
}

static void shuffle(struct rng *rng, struct peer *peers, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(rng, (uint32_t)i);
        struct peer other = peers[i - 1];
        peers[i - 1] = peers[j];
        peers[j] = other;
    }
}

/* What is the same in every order: how bad it is, and how often what is wrong. */
struct essence {
    /* Of one size, so that there is nothing between them when they are compared. */
    size_t status, n_primaries, n_standbys, n_reasons, n_rivals, n_doubts, n_others;
};

static struct essence judge(struct group_question *question, struct peer *peers,
                            size_t n, bool thorough)
{
    struct company company;
    struct pgcensus_group_verdict verdict;
    assert_true(company_init(&company, peers, n));
    question->company = &company;
    assert_true(group_judge(question, &verdict));
    if (thorough)
        assert_verdict(question, &verdict);
    struct essence essence = {verdict.status, verdict.n_primaries, verdict.n_standbys,
                              verdict.n_reasons};
    for (size_t i = 0; i < verdict.n_reasons; i++) {
        const char *code = verdict.reasons[i].code;
        essence.n_rivals += strcmp(code, "split_brain") == 0;
        essence.n_doubts += strcmp(code, "identity_unknown") == 0;
        essence.n_others += strcmp(code, "system_identifier") == 0;
    }
    group_verdict_fini(&verdict);
    company_fini(&company);
    return essence;
}

static void verdicts_do_not_depend_on_the_order(void **state)
{
    struct rng rng = walk_begin("verdicts");
    size_t rivals = 0, doubts = 0, others = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct peer peers[MOST];
        size_t n = random_fleet(&rng, peers);
        struct group_question question = {.group = rng_below(&rng, 4) ? "g" : NULL,
                                          .complete = rng_below(&rng, 2)};
        random_rules(&rng, &question.require);
        struct essence first = judge(&question, peers, n, true);
        shuffle(&rng, peers, n);
        struct essence again = judge(&question, peers, n, false);
        assert_memory_equal(&first, &again, sizeof first);
        rivals += first.n_rivals;
        doubts += first.n_doubts;
        others += first.n_others;
    }
    assert_true(rivals > 500 && doubts > 500 && others > 500);
}

/* ---- lag ---- */

static bool is_measurable(const struct peer *primary)
{
    return peer_is(primary, PGCENSUS_PRIMARY) && company_is_measurable(primary);
}

static bool measures(const struct peer *standby, const struct peer *primary)
{
    const struct pgcensus_facts *own = standby->result->facts;
    const struct pgcensus_facts *theirs = primary->result->facts;
    if (peer_cluster(primary) != peer_cluster(standby))
        return false;
    return !own->timeline || !theirs->timeline || own->timeline == theirs->timeline;
}

/* By the first node of each server that can be measured. */
static size_t count_measures(const struct company *company, size_t standby)
{
    size_t count = 0;
    for (size_t i = 0; i < company->n; i++) {
        bool is_first = is_measurable(&company->peers[i]);
        for (size_t j = 0; j < i; j++)
            is_first &= company->servers[i] != company->servers[j] ||
                        !is_measurable(&company->peers[j]);
        count += is_first && measures(&company->peers[standby], &company->peers[i]);
    }
    return count;
}

static void lag_is_known_or_has_a_reason(void **state)
{
    struct rng rng = walk_begin("lag");
    size_t measured = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct peer peers[MOST];
        struct company company;
        size_t n = random_fleet(&rng, peers);
        assert_true(company_init(&company, peers, n));
        for (size_t i = 0; i < n; i++) {
            struct pgcensus_lag lag;
            if (!peer_is(&peers[i], PGCENSUS_STANDBY))
                continue;
            lag_measure(&company, i, &lag);
            bool may = peer_may_be_measured(&peers[i]) && peer_cluster(&peers[i]);
            bool has_one = may && count_measures(&company, i) == 1;
            assert_int_equal(lag.primary != SIZE_MAX, has_one);
            assert_true(has_one || lag.reason);
            assert_true(lag.time != 0 || lag.replay == 0);
            measured += has_one;
        }
        company_fini(&company);
    }
    assert_true(measured > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_is_found_in_any_order),
        cmocka_unit_test(verdicts_do_not_depend_on_the_order),
        cmocka_unit_test(lag_is_known_or_has_a_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
