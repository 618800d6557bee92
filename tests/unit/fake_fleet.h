/* A fleet of fake nodes: how one behaves is the first word of its host, before a dash.
 *
 *     ok       a primary that tells its role      refused  nobody listens
 *     standby  the same, a standby                auth     wrong password
 *     old      tells no role, answers the query   silent   accepts, says nothing
 *     silly    answers nonsense about its role    mute     logs in, never answers
 *     broken   loses the connection when asked    syntax   the question is an error
 *     full     we have no descriptor for it       empty    is ready again, says nothing
 *
 * The clock is the fake loop's; clock_now() must be wrapped at the linker. */
#ifndef TESTS_FAKE_FLEET_H
#define TESTS_FAKE_FLEET_H

#include "fake_loop.h"
#include "fake_pg_conn.h"

#include "fleet/fleet.h"

#define SEC NSEC_PER_SEC
#define MSEC NSEC_PER_MSEC

/* An opening takes 10 ms, an answer 2 ms. */
void fake_fleet_plan(void);
/* The options of a node with the built-in numbers. */
struct node_options fake_node(const char *name, const char *host);
/* A fleet of these hosts; node i is called "n<i>". */
struct pgcensus_fleet *fake_fleet(const char *const *hosts, size_t n);

/* A server that turns from good to bad and back, if a test says so. */
extern bool fake_down;         /* "ok…" hosts refuse */
extern nsec fake_opening_time; /* of "ok…" hosts */

/* Everything that came out of a round. */
enum { FAKE_HARVEST = 64 };

struct fake_harvest {
    struct pgcensus_node_result results[FAKE_HARVEST]; /* by index */
    unsigned seen[FAKE_HARVEST];
    size_t order[FAKE_HARVEST], n;
    nsec began, took;
};

void fake_harvest_add(struct fake_harvest *harvest,
                      const struct pgcensus_node_result *result);
void fake_harvest_rest(struct fake_harvest *harvest, struct pgcensus_check *check);
/* A whole round; asserts that each node came out once and no connection is left. */
void fake_harvest_run(struct fake_harvest *harvest, struct pgcensus_fleet *fleet,
                      const struct pgcensus_check_options *options);

#endif
