/* libpgcensus in one page: ask every node of a configuration, print a line for each. */
#include <pgcensus/pgcensus.h>
#include <stdio.h>
#include <stdlib.h>

static enum pgcensus_status ask_all(struct pgcensus_fleet *fleet,
                                    struct pgcensus_check *check)
{
    enum pgcensus_status worst = PGCENSUS_DISABLED;
    enum pgcensus_turn turn;
    const struct pgcensus_node_result *result;
    const nsec second = 1000000000;
    while ((turn = pgcensus_check_next(check, second, &result)) != PGCENSUS_TURN_END) {
        if (turn != PGCENSUS_TURN_NODE)
            continue; /* a second has passed: time to draw a spinner */
        printf("%-12s %-8s %s\n", pgcensus_fleet_node(fleet, result->index)->name,
               pgcensus_status_name(result->status),
               result->failed ? result->failure.message : result->server_version);
        worst = pgcensus_status_worst(worst, result->status);
    }
    return worst;
}

int main(int argc, char **argv)
{
    const char *ignored;
    pgcensus_environment_prepare(&ignored); /* no PGHOSTADDR redirects us */

    struct pgcensus_config_source source = {.path = argc > 1 ? argv[1] : NULL};
    struct pgcensus_check_options options = {.retries = -1, .stop_fd = -1};
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_error error;
    struct pgcensus_config *config =
        pgcensus_config_load(&source, &diagnostics, &error);
    struct pgcensus_fleet *fleet =
        config ? pgcensus_config_open(config, NULL, &error) : NULL;
    struct pgcensus_check *check =
        fleet ? pgcensus_check_start(fleet, &options, &error) : NULL;

    int status = 3;
    if (check)
        status = ask_all(fleet, check) == PGCENSUS_OK ? 0 : 1;
    else
        fprintf(stderr, "quickstart: %s\n", error.message);

    /* A thread may be left inside a name lookup that does not end. */
    if (fleet && pgcensus_fleet_abandoned(fleet)) {
        fflush(stdout);
        _Exit(status);
    }
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
    pgcensus_config_free(config);
    pgcensus_diagnostics_free(&diagnostics);
    return status;
}
