/* What a periodic check costs on a connection that is kept: the resident life.
 *
 *     steady CONFIG SECONDS
 *
 * Watches all nodes of the configuration until each has been checked once, and so has
 * its connection; then for so many seconds more, which are measured.  Prints
 * "K checks, X us of CPU each", then the mean latency that it saw and the longest turn
 * of its loop.  Exits with 0 only if no check failed. */
#include <pgcensus/pgcensus.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define SECOND ((nsec)1000000000)

struct count {
    size_t checks, failed;
};

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void take_events(struct pgcensus_fleet *fleet, struct count *count)
{
    struct pgcensus_event event;
    while (pgcensus_fleet_event(fleet, &event)) {
        count->checks += event.kind == PGCENSUS_EVENT_CHECK_OK;
        count->failed += event.kind == PGCENSUS_EVENT_CHECK_FAILED;
    }
}

/* Returns the longest turn, in seconds of CPU. */
static double watch(struct pgcensus_fleet *fleet, double end, size_t enough,
                    struct count *count)
{
    double longest = 0;
    while (seconds(CLOCK_MONOTONIC) < end && count->checks < enough) {
        double begun = seconds(CLOCK_PROCESS_CPUTIME_ID);
        pgcensus_fleet_turn(fleet, SECOND / 10, -1);
        double turn = seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
        if (turn > longest)
            longest = turn;
        take_events(fleet, count);
    }
    return longest;
}

static double mean_latency_us(const struct pgcensus_fleet *fleet)
{
    double sum = 0;
    size_t n = pgcensus_fleet_size(fleet);
    for (size_t i = 0; i < n; i++) {
        struct pgcensus_node_snapshot node;
        pgcensus_fleet_snapshot(fleet, i, &node);
        sum += (double)node.latency_average / 1e3;
    }
    return sum / (double)n;
}

static int run(struct pgcensus_fleet *fleet, double length)
{
    enum { PATIENCE = 60 };
    struct count first = {0}, count = {0};
    watch(fleet, seconds(CLOCK_MONOTONIC) + PATIENCE, pgcensus_fleet_size(fleet),
          &first);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double longest =
        watch(fleet, seconds(CLOCK_MONOTONIC) + length, (size_t)-1, &count);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    size_t failed = first.failed + count.failed;
    printf("%zu checks, %.2f us of CPU each\n", count.checks,
           cpu * 1e6 / (double)(count.checks ? count.checks : 1));
    printf("%zu failed, mean latency %.0f us, longest turn %.2f ms\n", failed,
           mean_latency_us(fleet), longest * 1e3);
    return failed || !count.checks;
}

int main(int argc, char **argv)
{
    struct pgcensus_error error = {0};
    struct pgcensus_diagnostics diagnostics;
    if (argc != 3) {
        fprintf(stderr, "usage: steady CONFIG SECONDS\n");
        return 3;
    }
    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    const struct pgcensus_config_source source = {.path = argv[1]};
    struct pgcensus_config *config =
        pgcensus_config_load(&source, &diagnostics, &error);
    struct pgcensus_fleet *fleet =
        config ? pgcensus_config_open(config, NULL, &error) : NULL;
    if (!fleet || !pgcensus_fleet_monitor(fleet, &error)) {
        fprintf(stderr, "steady: %s\n", error.message);
        return 3;
    }
    int status = run(fleet, strtod(argv[2], NULL));
    pgcensus_fleet_stop(fleet, SECOND);
    pgcensus_fleet_free(fleet);
    pgcensus_config_free(config);
    return status;
}
