/* The fleet under remote control: commands on stdin, what comes of them on stdout, so
 * that tests can put a script of theirs between the calls of a library.
 *
 *     check                     a line for each result
 *     monitor                   begin to watch
 *     turn MS                   move for so long; a line for each event
 *     until MS EVENT NODE [TO]  move until that event (into that state) is there, at
 *                               most so long; a line for each event on the way
 *     ask MS NODE SQL…          the answer
 *     snapshot NODE             its state and its pool
 *     add FILE                  all nodes of another configuration
 *     renew FILE                likewise, of nodes that are there
 *     remove NODE
 *     suspend NODE              and resume, reset
 *     stop MS                   drain for at most so long
 *     free                      the fleet; nothing but quit makes sense afterwards
 *     quit
 *
 * A line is tab-separated: a word, then key=value …, free text last.  The last line of
 * each command is "done\tms=…", or "timeout" or "error" instead of done. */
#include <pgcensus/pgcensus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct pgcensus_fleet *fleet;

static nsec now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (nsec)at.tv_sec * 1000000000 + at.tv_nsec;
}

static nsec length_of(const char *ms)
{
    return ms ? (nsec)(atof(ms) * 1e6) : 0;
}

static double to_ms(nsec length)
{
    return length == PGCENSUS_UNKNOWN_TIME ? -1 : (double)length / 1e6;
}

static const char *or_dash(const char *text)
{
    return text && *text ? text : "-";
}

static bool find(const char *name, size_t *ret_index)
{
    return name && pgcensus_fleet_find(fleet, name, ret_index);
}

static const char *name_of(size_t index)
{
    return pgcensus_fleet_node(fleet, index)->name;
}

static void print_error(enum pgcensus_class error_class, enum pgcensus_phase phase,
                        const char *sqlstate, const char *message)
{
    printf("\tclass=%s\tphase=%s\tsqlstate=%s\tmessage=%s\n",
           or_dash(pgcensus_class_name(error_class)),
           or_dash(pgcensus_phase_name(phase)), or_dash(sqlstate), message);
}

static void print_failure(const struct pgcensus_failure *failure)
{
    print_error(failure->error_class, failure->phase, failure->sqlstate,
                failure->message);
}

/* ---- commands: each returns the word for its last line ---- */

static const char *check(void)
{
    struct pgcensus_check_options options = {.retries = -1, .stop_fd = -1};
    struct pgcensus_error error;
    const struct pgcensus_node_result *result;
    struct pgcensus_check *round = pgcensus_check_start(fleet, &options, &error);
    if (!round)
        return "error";
    for (enum pgcensus_turn turn = PGCENSUS_TURN_TICK; turn != PGCENSUS_TURN_END;) {
        turn = pgcensus_check_next(round, 1000000000, &result);
        if (turn != PGCENSUS_TURN_NODE)
            continue;
        printf("result\tnode=%s\tstatus=%s\trole=%s\ttotal_ms=%.3f",
               name_of(result->index), pgcensus_status_name(result->status),
               or_dash(pgcensus_role_name(result->role)), to_ms(result->latency.total));
        print_failure(&result->failure);
    }
    pgcensus_check_free(round);
    return "done";
}

static const char *monitor(void)
{
    struct pgcensus_error error;
    return pgcensus_fleet_monitor(fleet, &error) ? "done" : "error";
}

static void print_event(const struct pgcensus_event *event)
{
    printf(
        "event\tseq=%llu\tkind=%s\tnode=%s\tfrom=%s\tto=%s\tdelay_ms=%.0f\tfailures=%u",
        (unsigned long long)event->seq, pgcensus_event_name(event->kind),
        pgcensus_event_node(fleet, event), pgcensus_state_name(event->from),
        pgcensus_state_name(event->to), to_ms(event->delay),
        event->consecutive_failures);
    char text[1024];
    pgcensus_event_text(fleet, event, text, sizeof text);
    print_error(event->error_class, event->phase, event->sqlstate, text);
}

struct wish {
    const char *kind, *node, *to; /* kind NULL: none; to NULL: any */
};

static bool fulfils(const struct pgcensus_event *event, const struct wish *wish)
{
    return wish->kind && !strcmp(pgcensus_event_name(event->kind), wish->kind) &&
           !strcmp(pgcensus_event_node(fleet, event), wish->node) &&
           (!wish->to || !strcmp(pgcensus_state_name(event->to), wish->to));
}

static const char *turn(nsec length, struct wish wish)
{
    nsec end = now() + length;
    do {
        struct pgcensus_event event;
        nsec left = end - now();
        pgcensus_fleet_turn(fleet, left > 0 ? left : 0, -1);
        while (pgcensus_fleet_event(fleet, &event)) {
            print_event(&event);
            if (fulfils(&event, &wish))
                return "done";
        }
    } while (now() < end);
    return wish.kind ? "timeout" : "done";
}

static const char *ask(nsec timeout, const char *node, const char *sql)
{
    struct pgcensus_answer answer;
    struct pgcensus_error error;
    size_t index;
    if (!find(node, &index) || !sql ||
        !pgcensus_fleet_ask(fleet, index, sql, timeout, &answer, &error))
        return "error";
    const struct pgcensus_rows *rows = answer.rows;
    bool has_cells = rows && rows->n_rows && rows->n_columns;
    printf("answer\tnode=%s\tfailed=%d\trows=%zu\tlatency_ms=%.3f\tcommand=%s\tcell=%s",
           node, answer.failed, rows ? rows->n_rows : 0, to_ms(answer.latency),
           rows ? rows->command : "", has_cells ? or_dash(rows->cells[0].text) : "-");
    print_failure(&answer.failure);
    pgcensus_answer_fini(&answer);
    return "done";
}

static const char *snapshot(const char *node)
{
    struct pgcensus_node_snapshot is;
    size_t index;
    if (!find(node, &index))
        return "error";
    pgcensus_fleet_snapshot(fleet, index, &is);
    printf(
        "snapshot\tnode=%s\tstate=%s\tfailures=%u\tattempt=%u\tnext_ms=%.0f\t"
        "checks=%llu\tfailed_checks=%llu\tlatency_ms=%.3f\tmin=%u\tmax=%u\ttotal=%u\t"
        "idle=%u\tbusy=%u\twaiting=%u\tacquired=%llu\topened=%llu\tlost=%llu",
        node, pgcensus_state_name(is.state), is.consecutive_failures, is.retry_attempt,
        to_ms(is.next_check), (unsigned long long)is.checks,
        (unsigned long long)is.failures, to_ms(is.latency_last), is.pool.min,
        is.pool.max, is.pool.total, is.pool.idle, is.pool.busy, is.pool.waiting,
        (unsigned long long)is.pool.acquired, (unsigned long long)is.pool.opened,
        (unsigned long long)is.pool.closed_lost);
    print_failure(&is.failure);
    return "done";
}

static struct pgcensus_config *load(const char *path, struct pgcensus_error *ret_error)
{
    struct pgcensus_config_source source = {.path = path};
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_config *config =
        pgcensus_config_load(&source, &diagnostics, ret_error);
    pgcensus_diagnostics_free(&diagnostics);
    return config;
}

static const char *change(const char *path, bool renew)
{
    struct pgcensus_error error = {0};
    struct pgcensus_config *config = load(path, &error);
    bool done = config;
    for (size_t i = 0; done && i < pgcensus_config_size(config); i++) {
        struct pgcensus_handle handle;
        done = renew ? pgcensus_fleet_renew(fleet, config, i, &error)
                     : pgcensus_fleet_add(fleet, config, i, &handle, &error);
    }
    pgcensus_config_free(config);
    if (!done)
        fprintf(stderr, "fleet_driver: %s\n", error.message);
    return done ? "done" : "error";
}

/* "": it is none of these words. */
static const char *operate(const char *word, const char *node)
{
    const struct {
        const char *word;
        bool (*act)(struct pgcensus_fleet *on, struct pgcensus_handle handle,
                    struct pgcensus_error *ret_error);
    } acts[] = {{"remove", pgcensus_fleet_remove},
                {"suspend", pgcensus_fleet_suspend},
                {"resume", pgcensus_fleet_resume},
                {"reset", pgcensus_fleet_reset}};
    struct pgcensus_error error;
    struct pgcensus_handle handle;
    size_t index;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (!strcmp(word, acts[i].word))
            return find(node, &index) && pgcensus_fleet_handle(fleet, index, &handle) &&
                           acts[i].act(fleet, handle, &error)
                       ? "done"
                       : "error";
    return "";
}

static const char *run(char *line)
{
    const char *word = strtok(line, " \n");
    if (!word)
        return "error";
    if (!strcmp(word, "free")) {
        pgcensus_fleet_free(fleet);
        fleet = NULL;
        return "done";
    }
    if (!fleet)
        return "error";
    if (!strcmp(word, "check"))
        return check();
    if (!strcmp(word, "monitor"))
        return monitor();
    if (!strcmp(word, "snapshot"))
        return snapshot(strtok(NULL, " \n"));

    const char *next = strtok(NULL, " \n");
    if (!strcmp(word, "add") || !strcmp(word, "renew"))
        return change(next, !strcmp(word, "renew"));
    const char *operated = operate(word, next);
    if (*operated)
        return operated;

    nsec length = length_of(next);
    struct wish wish = {0};
    if (!strcmp(word, "turn"))
        return turn(length, wish);
    if (!strcmp(word, "stop")) {
        pgcensus_fleet_stop(fleet, length);
        return "done";
    }
    if (!strcmp(word, "ask")) {
        const char *node = strtok(NULL, " \n");
        return ask(length, node, strtok(NULL, "\n"));
    }
    wish.kind = strtok(NULL, " \n");
    wish.node = strtok(NULL, " \n");
    wish.to = strtok(NULL, " \n");
    return strcmp(word, "until") || !wish.node ? "error" : turn(length, wish);
}

static bool open_fleet(const char *path)
{
    const char *ignored;
    pgcensus_environment_prepare(&ignored);
    struct pgcensus_error error = {0};
    struct pgcensus_config *config = load(path, &error);
    fleet = config ? pgcensus_config_open(config, NULL, &error) : NULL;
    if (!fleet)
        fprintf(stderr, "fleet_driver: %s\n", error.message);
    pgcensus_config_free(config);
    return fleet;
}

int main(int argc, char **argv)
{
    char line[4096];
    if (argc != 2 || !open_fleet(argv[1]))
        return 3;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    while (fgets(line, sizeof line, stdin) && strcmp(line, "quit\n") != 0) {
        nsec began = now();
        const char *word = run(line);
        printf("%s\tms=%.3f\n", word, to_ms(now() - began));
    }
    pgcensus_fleet_free(fleet);
    return 0;
}
