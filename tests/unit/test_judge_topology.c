#include "judge/topology.h"

#include "base/text.h"
#include "scarce_memory.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

AUTO_DEFINE(struct pgcensus_topology *, pgcensus_topology_free)

enum { MOST = 12 };

/* ---- a fleet in words ---- */

/* What a test is about; the rest is as in a healthy cluster. */
struct node {
    const char *name;
    const char *address; /* "10.0.0.1", "db1/10.0.0.1": a name and what it became,
                          * "/run": a socket; ":5433" behind it is the port */
    const char *follows; /* "10.0.0.1:5432"; NULL: a primary */
    int cluster;         /* 1 if left out */
    int started_at;      /* by default every node is a server of its own */
    enum pgcensus_receiver receiver; /* streaming if left out */
    const char *senders; /* "walreceiver 10.0.0.2 streaming SLOT, …"; "-" for "", and
                          * the slot may be left out; NULL: none; "?": not asked */
    const char *slot;    /* of its upstream, that it uses; "-" none; NULL: hidden */
    const char *trouble; /* "down", "disabled", "pooler", "no facts", "no cluster" */
};

static struct pgcensus_node_result results[MOST];
static struct pgcensus_identity identities[MOST];
static struct pgcensus_facts facts[MOST];
static struct pgcensus_sender senders[MOST][4];
static char hosts[MOST][64];

static uint16_t split_port(const char *address, char *host, size_t size)
{
    const char *colon = strrchr(address, ':');
    bool has_port = colon && (strchr(address, ':') == colon || colon[-1] == ']');
    size_t n = has_port ? (size_t)(colon - address) : strlen(address);
    snprintf(host, size, "%.*s", (int)n, address);
    return has_port ? (uint16_t)atoi(colon + 1) : 5432;
}

static void set_address(size_t i, const char *address)
{
    char *host = hosts[i];
    identities[i].port = split_port(address, host, sizeof hosts[i]);
    identities[i].host = host;
    char *slash = *host == '/' ? NULL : strchr(host, '/');
    if (slash)
        *slash = '\0';
    if (*host != '/')
        text_copy(results[i].hostaddr, sizeof results[i].hostaddr,
                  slash ? slash + 1 : host);
}

static void set_senders(size_t i, const char *words)
{
    int n = 0;
    for (; words && *words; n++) {
        struct pgcensus_sender *sender = &senders[i][n];
        *sender = (struct pgcensus_sender){.state = ""};
        sscanf(words, "%63s %63s %15[a-z-] %63[a-z]", sender->application,
               sender->address, sender->state, sender->slot);
        char *const texts[] = {sender->application, sender->address, sender->state};
        for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
            if (strcmp(texts[j], "-") == 0)
                *texts[j] = '\0';
        words += strcspn(words, ",");
        words += strspn(words, ", ");
    }
    facts[i].senders = senders[i];
    facts[i].n_senders = n;
}

static bool has(const struct node *node, const char *trouble)
{
    return node->trouble && strcmp(node->trouble, trouble) == 0;
}

static void set_facts(size_t i, const struct node *node)
{
    static const struct pgcensus_slot slots[] = {{.name = "sub", .type = "logical"},
                                                 {.name = "b", .type = "physical"}};
    facts[i] = (struct pgcensus_facts){
        .system_identifier = has(node, "no cluster") ? 0
                             : node->cluster         ? (uint64_t)node->cluster
                                                     : 1,
        .started_at = node->started_at ? node->started_at : (nsec)(100 + i),
        .n_senders = -1,
        .n_slots = ARRAY_SIZE(slots),
        .slots = slots,
    };
    if (!node->senders || *node->senders != '?')
        set_senders(i, node->senders);
    results[i].facts = &facts[i];
    if (!node->follows)
        return;
    if (node->slot)
        strcpy(facts[i].receiver_status, "streaming");
    if (node->slot && *node->slot != '-')
        strcpy(facts[i].receiver_slot, node->slot);
    facts[i].receiver = node->receiver ? node->receiver : PGCENSUS_RECEIVER_STREAMING;
    facts[i].upstream_port = split_port(node->follows, facts[i].upstream_host,
                                        sizeof facts[i].upstream_host);
}

static void set_node(size_t i, const struct node *node)
{
    bool down = has(node, "down"), disabled = has(node, "disabled");
    identities[i] = (struct pgcensus_identity){
        .name = node->name, .enabled = !disabled, .via_pooler = has(node, "pooler")};
    results[i] = (struct pgcensus_node_result){
        .index = i,
        .status = down       ? PGCENSUS_DOWN
                  : disabled ? PGCENSUS_DISABLED
                             : PGCENSUS_OK,
        .attempted = !disabled,
        .failed = down,
        .role = node->follows ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY,
    };
    set_address(i, node->address);
    if (!down && !disabled && !has(node, "no facts"))
        set_facts(i, node);
}

static size_t peers_of(const struct node *nodes, struct peer *peers)
{
    size_t n = 0;
    for (; nodes[n].name; n++) {
        set_node(n, &nodes[n]);
        peers[n] = (struct peer){&identities[n], &results[n]};
    }
    return n;
}

/* ---- a forest in a line ---- */

static const char *name_of(const struct pgcensus_node_result *result)
{
    return identities[result->index].name;
}

/* "p(a(c)b)": who stands below whom; "=p": the same server; "!word": why it is a root;
 * "<pg_receivewal 10.0.0.9 streaming>": a stranger; "+2": more. */
static void add_tree(const struct pgcensus_tree_node *node, struct buf *out)
{
    buf_add_str(out, name_of(node->result));
    if (node->same_server_as)
        buf_add_format(out, "=%s", name_of(node->same_server_as->result));
    if (node->upstream_reason)
        buf_add_format(out, "!%s", node->upstream_reason);
    for (size_t i = 0; i < node->n_strangers; i++)
        buf_add_format(out, "<%s %s %s>", node->strangers[i]->application,
                       node->strangers[i]->address, node->strangers[i]->state);
    if (node->n_hidden)
        buf_add_format(out, "+%d", node->n_hidden);
    if (!node->first)
        return;
    buf_add_char(out, '(');
    for (const struct pgcensus_tree_node *at = node->first; at; at = at->next) {
        assert_ptr_equal(at->upstream, node);
        assert_int_equal(at->depth, node->depth + 1);
        if (at != node->first)
            buf_add_char(out, ' ');
        add_tree(at, out);
    }
    buf_add_char(out, ')');
}

static void add_forest(const struct pgcensus_topology *topology, struct buf *out)
{
    for (size_t i = 0; i < topology->n_clusters; i++) {
        const struct pgcensus_cluster *cluster = &topology->clusters[i];
        buf_add_str(out, i ? " | " : "");
        for (const struct pgcensus_tree_node *at = cluster->nodes; at; at = at->next) {
            buf_add_str(out, at == cluster->nodes ? "" : " ");
            add_tree(at, out);
        }
    }
    for (size_t i = 0; i < topology->n_unplaced; i++)
        buf_add_format(out, " %s:%s", name_of(topology->unplaced[i].result),
                       topology->unplaced[i].reason);
}

/* Each node once, and each behind the one that it follows. */
static void assert_complete(const struct pgcensus_topology *topology, size_t n)
{
    bool seen[MOST] = {false};
    for (size_t i = 0; i < topology->n_clusters; i++)
        for (size_t j = 0; j < topology->clusters[i].n; j++) {
            const struct pgcensus_tree_node *node = &topology->clusters[i].nodes[j];
            assert_false(seen[node->result->index]);
            seen[node->result->index] = true;
            assert_true(!node->upstream || node->upstream < node);
            assert_int_equal(node->depth == 0, !node->upstream);
            n--;
        }
    for (size_t i = 0; i < topology->n_unplaced; i++) {
        assert_false(seen[topology->unplaced[i].result->index]);
        seen[topology->unplaced[i].result->index] = true;
    }
    assert_int_equal(n, topology->n_unplaced);
}

static void assert_forest(const struct node *nodes, const char *expected)
{
    struct peer peers[MOST];
    size_t n = peers_of(nodes, peers);
    struct pgcensus_error error;
    AUTO(pgcensus_topology_free)
    struct pgcensus_topology *topology = topology_make(peers, n, &error);
    AUTO(buf_fini) struct buf found = BUF_INIT;
    assert_non_null(topology);
    assert_complete(topology, n);
    add_forest(topology, &found);
    assert_string_equal(found.bytes, expected);
}

#define NODES(...) ((const struct node[]){__VA_ARGS__, {.name = NULL}})

/* ---- edges ---- */

static void a_primary_its_standbys_and_a_cascade(void **state)
{
    assert_forest(NODES({"p", "10.0.0.1"}, {"a", "10.0.0.2", "10.0.0.1"},
                        {"b", "10.0.0.3", "10.0.0.1"}, {"c", "10.0.0.4", "10.0.0.2"}),
                  "p(a(c) b)");
    /* in whatever order they stand in the inventory */
    assert_forest(NODES({"c", "10.0.0.4", "10.0.0.2"}, {"b", "10.0.0.3", "10.0.0.1"},
                        {"a", "10.0.0.2", "10.0.0.1"}, {"p", "10.0.0.1"}),
                  "p(b a(c))");
}

static void names_addresses_and_ports(void **state)
{
    assert_forest(NODES({"p", "DB1.example/10.0.0.1"}, {"a", "10.0.0.2", "db1.EXAMPLE"},
                        {"b", "10.0.0.3", "10.0.0.1"},
                        {"c", "10.0.0.4", "10.0.0.1:5433"}, {"d", "10.0.0.5", "db1"}),
                  "p(a b) c!not_asked d!not_asked");
    assert_forest(NODES({"p", "db1/2001:db8::1"}, {"a", "10.0.0.2", "2001:DB8:0:0::1"}),
                  "p(a)");
}

/* "localhost" is somebody else on every machine. */
static void what_is_local_to_the_standby(void **state)
{
    assert_forest(
        NODES({"p", "/run/a"}, {"q", "/run/b:5433"}, {"a", "/run/a:5434", "/run/a/"},
              {"b", "127.0.0.1:5435", "/run/b:5433"}, {"c", "10.0.0.9", "/run/a"}),
        "p(a) q(b) c!not_asked");
    assert_forest(NODES({"p", "127.0.0.1"},
                        {"a", "localhost/127.0.0.1:5433", "localhost"},
                        {"b", "10.0.0.9", "127.0.0.1"}, {"c", "/run:5434", "::1"}),
                  "p(a c) b!not_asked");
    assert_forest(NODES({"p", "10.0.0.1"}, {"a", "10.0.0.1:5433", "localhost"},
                        {"b", "10.0.0.2:5433", "localhost"}),
                  "p(a) b!not_asked");
}

static void clusters_do_not_mix(void **state)
{
    assert_forest(NODES({"x", "10.0.0.9", .cluster = 2}, {"p", "10.0.0.1"},
                        {"a", "10.0.0.2", "10.0.0.1"},
                        {"y", "10.0.0.3", "10.0.0.1", .cluster = 2}),
                  "x y!not_asked | p(a)");
}

static void why_a_standby_is_a_root(void **state)
{
    assert_forest(NODES({"p", "10.0.0.1"},
                        {"a", "10.0.0.2", "", .receiver = PGCENSUS_RECEIVER_NONE},
                        {"b", "10.0.0.3", "", .receiver = PGCENSUS_RECEIVER_RUNNING},
                        {"c", "10.0.0.4", "", .receiver = PGCENSUS_RECEIVER_OTHER},
                        {"d", "10.0.0.5", "10.9.9.9"}),
                  "p a!no_receiver b!hidden c!not_told d!not_asked");
}

static void a_circle_is_cut(void **state)
{
    assert_forest(NODES({"a", "10.0.0.1", "10.0.0.2"}, {"b", "10.0.0.2", "10.0.0.1"}),
                  "b!circle(a)");
    assert_forest(NODES({"a", "10.0.0.1", "10.0.0.3"}, {"b", "10.0.0.2", "10.0.0.1"},
                        {"c", "10.0.0.3", "10.0.0.2"}, {"d", "10.0.0.4", "10.0.0.2"}),
                  "c!circle(a(b(d)))");
    /* no server follows itself: it is somebody else's address, through a tunnel, say */
    assert_forest(NODES({"a", "10.0.0.1", "10.0.0.1"}), "a!not_asked");
}

static void one_address_of_two_servers(void **state)
{
    assert_forest(
        NODES({"p", "db/10.0.0.1"}, {"q", "db/10.0.0.2"}, {"a", "10.0.0.3", "db"}),
        "p q a!ambiguous");
}

static void one_server_of_two_nodes(void **state)
{
    assert_forest(NODES({"p", "db/10.0.0.1", .started_at = 7},
                        {"a", "10.0.0.2", "db", .started_at = 8},
                        {"p2", "10.0.0.1:6432", .started_at = 7},
                        {"b", "10.0.0.3", "10.0.0.1:6432"},
                        {"a2", "a/10.0.0.2", "db", .started_at = 8},
                        {"c", "10.0.0.4", "a"}),
                  "p(a(c) b a2=a) p2=p");
}

static void what_cannot_be_placed(void **state)
{
    assert_forest(NODES({"a", "10.0.0.1", .trouble = "down"},
                        {"b", "10.0.0.2", .trouble = "disabled"}, {"p", "10.0.0.3"},
                        {"c", "10.0.0.4", .trouble = "pooler"},
                        {"d", "10.0.0.5", .trouble = "no facts"},
                        {"e", "10.0.0.6", .trouble = "no cluster"},
                        {"f", "10.0.0.7", "10.0.0.1"}),
                  "p f!not_answered a:not_answered b:disabled c:pooler d:no_facts "
                  "e:no_identifier");
    assert_forest(NODES({"a", "10.0.0.1", .trouble = "down"}), " a:not_answered");
}

/* Its address is known, whatever it says or does not say itself. */
static void whoever_follows_a_node_without_a_tree(void **state)
{
    assert_forest(NODES({"p", "10.0.0.1", .trouble = "disabled"},
                        {"q", "10.0.0.2", .trouble = "no facts"},
                        {"a", "10.0.0.3", "10.0.0.1"}, {"b", "10.0.0.4", "10.0.0.2"},
                        {"c", "10.0.0.5", "10.0.0.9"}),
                  "a!disabled b!unplaced c!not_asked p:disabled q:no_facts");
    /* a node that answers is the better one of two that have the address */
    assert_forest(NODES({"x", "10.0.0.1", .trouble = "disabled"}, {"p", "10.0.0.1"},
                        {"a", "10.0.0.3", "10.0.0.1"}),
                  "p(a) x:disabled");
}

/* ---- strangers ---- */

/* A subscriber at the address of a standby, and names that mislead. */
static void slots_tell_for_certain(void **state)
{
    assert_forest(NODES({"p", "10.0.0.1",
                         .senders = "walreceiver 10.0.0.2 streaming sub, "
                                    "x 10.0.0.2 streaming"},
                        {"a", "10.0.0.2", "10.0.0.1"}),
                  "p<walreceiver 10.0.0.2 streaming>(a)");
    /* the name of one, the slot of the other */
    assert_forest(NODES({"p", "10.0.0.1",
                         .senders = "a 10.0.0.9 streaming b, y 10.0.0.9 streaming"},
                        {"a", "10.0.0.2", "10.0.0.1", .slot = "-"},
                        {"b", "10.0.0.3", "10.0.0.1", .slot = "b"}),
                  "p(a b)");
    /* with another slot than the standby's it is none of ours */
    assert_forest(
        NODES({"p", "10.0.0.1", .senders = "walreceiver 10.0.0.2 streaming c"},
              {"a", "10.0.0.2", "10.0.0.1", .slot = "-"}),
        "p<walreceiver 10.0.0.2 streaming>(a)");
}

/* A primary p at 10.0.0.1 with two standbys, a at 10.0.0.2 and b at 10.0.0.3. */
static void assert_senders(const char *words, const char *expected)
{
    assert_forest(NODES({"p", "10.0.0.1", .senders = words},
                        {"a", "10.0.0.2", "10.0.0.1"}, {"b", "10.0.0.3", "10.0.0.1"}),
                  expected);
}

static void strangers_are_those_of_no_node(void **state)
{
    assert_senders("a 10.0.0.2 streaming, b 10.0.0.3 streaming", "p(a b)");
    assert_senders("walreceiver 10.0.0.3 streaming, walreceiver 10.0.0.2 streaming, "
                   "pg_receivewal 10.0.0.9 streaming",
                   "p<pg_receivewal 10.0.0.9 streaming>(a b)");
    /* on the machine of a standby, and listed in front of it */
    assert_senders("pg_receivewal 10.0.0.2 streaming, other 10.0.0.2 startup, "
                   "walreceiver 10.0.0.2 streaming, walreceiver 10.0.0.3 streaming",
                   "p<pg_receivewal 10.0.0.2 streaming><other 10.0.0.2 startup>(a b)");
    /* by name from another address, of one that was not asked */
    assert_senders("z 10.0.0.2 streaming, a 192.168.0.2 streaming, "
                   "b 10.0.0.3 streaming",
                   "p<z 10.0.0.2 streaming>(a b)");
    assert_senders(NULL, "p(a b)");
    assert_senders("?", "p+-1(a b)");
}

/* Each standby that says that it follows has a sender somewhere. */
static void standbys_behind_other_addresses(void **state)
{
    assert_senders("walreceiver 172.16.0.1 streaming, walreceiver 172.16.0.2 catchup, "
                   "pg_basebackup 172.16.0.3 backup",
                   "p<pg_basebackup 172.16.0.3 backup>(a b)");
    assert_senders("walreceiver 172.16.0.1 streaming", "p(a b)");
    /* three may be the two: one is a stranger, and nobody knows which */
    assert_senders(
        "walreceiver 172.16.0.1 streaming, walreceiver 172.16.0.2 streaming, "
        "walreceiver 172.16.0.3 streaming",
        "p+1(a b)");
    assert_senders(
        "walreceiver 172.16.0.1 streaming, walreceiver 172.16.0.1 streaming, "
        "walreceiver 172.16.0.1 streaming",
        "p<walreceiver 172.16.0.1 streaming>(a b)");
}

static void senders_on_one_machine(void **state)
{
    const char *words = "walreceiver - streaming, pg_receivewal - streaming, "
                        "walreceiver - streaming, walreceiver 10.9.9.9 streaming";
    assert_forest(NODES({"p", "/run/p", .senders = words},
                        {"a", "/run/a:5433", "/run/p"},
                        {"b", "127.0.0.1:5434", "/run/p"}),
                  "p<pg_receivewal  streaming><walreceiver 10.9.9.9 streaming>(a b)");
}

static void hidden_senders_are_counted(void **state)
{
    assert_senders("- - -, - - -, - - -", "p+1(a b)");
    assert_senders("- - -", "p(a b)");
    assert_forest(NODES({"p", "10.0.0.1", .senders = "- - -, - - -"},
                        {"a", "10.0.0.2", "", .receiver = PGCENSUS_RECEIVER_RUNNING}),
                  "p+2 a!hidden");
}

/* The senders of a server stand below it once, and a standby with two names has one. */
static void strangers_of_one_server(void **state)
{
    const char *words = "walreceiver 10.0.0.2 streaming, x 10.0.0.9 streaming";
    assert_forest(NODES({"p", "10.0.0.1", .started_at = 7, .senders = words},
                        {"p2", "db/10.0.0.1", .started_at = 7, .senders = words},
                        {"a", "10.0.0.2", "10.0.0.1", .started_at = 8},
                        {"a2", "a/10.0.0.2", "10.0.0.1", .started_at = 8}),
                  "p<x 10.0.0.9 streaming>(a a2=a) p2=p");
}

/* ---- memory ---- */

static void every_allocation_may_fail(void **state)
{
    const struct node *nodes =
        NODES({"p", "10.0.0.1", .senders = "x 10.0.0.9 streaming"},
              {"a", "10.0.0.2", "10.0.0.1"}, {"x", "10.0.0.3", .cluster = 2},
              {"d", "10.0.0.4", .trouble = "down"});
    struct peer peers[MOST];
    size_t n = peers_of(nodes, peers);
    for (unsigned k = 1;; k++) {
        struct pgcensus_error error = {0};
        scarce_memory_begin(k);
        struct pgcensus_topology *topology = topology_make(peers, n, &error);
        bool failed = scarce_memory_end();
        assert_int_equal(failed, !topology);
        if (failed) {
            assert_int_equal(error.trouble, PGCENSUS_TROUBLE_MEMORY);
            continue;
        }
        pgcensus_topology_free(topology);
        assert_true(k > 8);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_primary_its_standbys_and_a_cascade),
        cmocka_unit_test(names_addresses_and_ports),
        cmocka_unit_test(what_is_local_to_the_standby),
        cmocka_unit_test(clusters_do_not_mix),
        cmocka_unit_test(why_a_standby_is_a_root),
        cmocka_unit_test(a_circle_is_cut),
        cmocka_unit_test(one_address_of_two_servers),
        cmocka_unit_test(one_server_of_two_nodes),
        cmocka_unit_test(what_cannot_be_placed),
        cmocka_unit_test(whoever_follows_a_node_without_a_tree),
        cmocka_unit_test(slots_tell_for_certain),
        cmocka_unit_test(strangers_are_those_of_no_node),
        cmocka_unit_test(standbys_behind_other_addresses),
        cmocka_unit_test(senders_on_one_machine),
        cmocka_unit_test(hidden_senders_are_counted),
        cmocka_unit_test(strangers_of_one_server),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
