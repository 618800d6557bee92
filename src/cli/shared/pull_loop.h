/* The loop of every run that asks nodes: it pulls what comes out of a check or a query,
 * shows progress, and obeys signals. */
#ifndef CLI_SHARED_PULL_LOOP_H
#define CLI_SHARED_PULL_LOOP_H

#include "cli/shared/fleet_session.h"
#include "cli/term/progress.h"

enum pull_turn { PULL_MORE, PULL_END, PULL_FAILED };

/* What is pulled from. */
struct pull_source {
    bool (*start)(void *run, struct pgcensus_error *ret_error);
    /* One turn: waits for at most that long, takes what comes out, and counts it in
     * progress, which is to be erased before anything is written. */
    enum pull_turn (*turn)(void *run, nsec max_wait, struct progress *progress,
                           struct pgcensus_error *ret_error);
    /* What is under way is given up; turns go on until all of it has come out. */
    void (*stop)(void *run, const char *reason);
    void *run;
};

struct pull_report {
    nsec started_wall, elapsed;
    int signal; /* that ended it early; 0: none */
};

/* Runs until the source has ended; command: what the progress line calls it.  Signals
 * are open, and stay so: what comes after the loop knows from when on it would not obey
 * them.  False: start() or turn() failed. */
bool pull_loop_run(const struct fleet_session *session, const char *command,
                   const struct pull_source *source, struct pull_report *ret_report,
                   struct pgcensus_error *ret_error);

#endif
