/* The floor: the least that a libpq and poll() program pays to ask N nodes, cold.
 *
 * Connect, SELECT 1, close; all nodes at once.  No configuration, no diagnosis, no
 * retry, no output, none of the care that a hostile server needs.  What this costs is
 * libpq, the C library and the kernel; what pgcensus costs more is pgcensus's own.
 *
 * With a query, its rows flow to standard output as CSV: single-row mode, so that
 * memory stays flat; nodes in the order of arrival; no header.
 *
 * With -r, the least that a resident monitor can pay: all log in first, then each asks
 * that often, as soon as it has its answer; what is measured begins after the logins.
 *
 * Its one shortcut: since everything starts together, one deadline serves all.
 *
 *     floor [-d MILLISECONDS] [-q QUERY] [-r TIMES] NODES [KEYWORD=VALUE]...
 *
 * NODES holds lines "HOST PORT"; the keywords are libpq's.  Prints "N ok, M failed",
 * beside rows on standard error, and exits with 0 only if nothing failed.  With -r it
 * prints "K checks, X us of CPU each". */
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MAX_KEYWORDS = 16 };

struct node {
    char host[64], port[8], name[24]; /* the name that bench/run gives it */
    PGconn *pg;
    bool asking; /* logged in, the question is out */
    bool failed; /* some part of the answer was an error */
    size_t left; /* questions after this one */
};

/* What waits for write(). */
struct csv {
    size_t n;
    char bytes[1 << 16];
};

/* polls[i] belongs to owners[i]; the first `open` entries are in use. */
struct round {
    struct node *nodes;
    struct pollfd *polls;
    size_t *owners;
    size_t n, open, ok;
    size_t times, logged_in; /* -r; 0: ask once, without waiting for the others */
    int64_t cpu;             /* microseconds, when all were logged in */
    const char *query;       /* NULL: SELECT 1, and nobody reads the answer */
    struct csv csv;
    const char *keywords[MAX_KEYWORDS + 3], *values[MAX_KEYWORDS + 3];
    int64_t deadline; /* milliseconds */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static void *must(void *memory)
{
    if (!memory) {
        fputs("floor: out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

static void read_nodes(struct round *round, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "floor: %s: %s\n", path, strerror(errno));
        exit(3);
    }
    struct node node = {0};
    while (fscanf(file, "%63s %7s", node.host, node.port) == 2) {
        size_t size = (round->n + 1) * sizeof *round->nodes;
        round->nodes = must(realloc(round->nodes, size));
        snprintf(node.name, sizeof node.name, "n%05zu", round->n + 1);
        round->nodes[round->n++] = node;
    }
    fclose(file);
    round->polls = must(calloc(round->n + 1, sizeof *round->polls));
    round->owners = must(calloc(round->n + 1, sizeof *round->owners));
}

/* ---- rows ---- */

static void csv_flush(struct csv *csv)
{
    for (size_t at = 0; at < csv->n;) {
        ssize_t n = write(STDOUT_FILENO, csv->bytes + at, csv->n - at);
        if (n < 0 && errno != EINTR) {
            fprintf(stderr, "floor: write: %s\n", strerror(errno));
            exit(3);
        }
        at += n > 0 ? (size_t)n : 0;
    }
    csv->n = 0;
}

static inline void csv_put_char(struct csv *csv, char c)
{
    if (csv->n == sizeof csv->bytes)
        csv_flush(csv);
    csv->bytes[csv->n++] = c;
}

static inline void csv_put(struct csv *csv, const char *bytes, size_t n)
{
    for (size_t room; n > (room = sizeof csv->bytes - csv->n); n -= room) {
        memcpy(csv->bytes + csv->n, bytes, room);
        csv->n += room;
        bytes += room;
        csv_flush(csv);
    }
    memcpy(csv->bytes + csv->n, bytes, n);
    csv->n += n;
}

static void csv_put_value(struct csv *csv, const char *value, size_t n)
{
    static const bool special[256] = {
        [','] = true, ['"'] = true, ['\r'] = true, ['\n'] = true};
    size_t plain = 0;
    while (plain < n && !special[(unsigned char)value[plain]])
        plain++;
    if (plain == n) {
        csv_put(csv, value, n);
        return;
    }
    csv_put_char(csv, '"');
    for (size_t i = 0; i < n; i++) {
        if (value[i] == '"')
            csv_put_char(csv, '"');
        csv_put_char(csv, value[i]);
    }
    csv_put_char(csv, '"');
}

static void csv_put_rows(struct csv *csv, const char *name, const PGresult *result)
{
    int n_rows = PQntuples(result), n_columns = PQnfields(result);
    for (int row = 0; row < n_rows; row++) {
        csv_put(csv, name, strlen(name));
        for (int i = 0; i < n_columns; i++) {
            csv_put_char(csv, ',');
            if (!PQgetisnull(result, row, i))
                csv_put_value(csv, PQgetvalue(result, row, i),
                              (size_t)PQgetlength(result, row, i));
        }
        csv_put_char(csv, '\n');
    }
}

/* ---- nodes ---- */

static void start(struct round *round, size_t i)
{
    struct node *node = &round->nodes[i];
    round->values[0] = node->host;
    round->values[1] = node->port;
    node->pg = PQconnectStartParams(round->keywords, round->values, 0);
    if (!node->pg || PQstatus(node->pg) == CONNECTION_BAD) {
        PQfinish(node->pg);
        return;
    }
    round->owners[round->open] = i;
    round->polls[round->open].fd = PQsocket(node->pg);
    round->polls[round->open].events = POLLOUT; /* as the manual of libpq wants it */
    round->open++;
}

/* The last entry takes the place of a finished one, so the array stays compact. */
static void finish(struct round *round, size_t at, bool ok)
{
    PQfinish(round->nodes[round->owners[at]].pg);
    round->ok += ok;
    round->open--;
    round->polls[at] = round->polls[round->open];
    round->owners[at] = round->owners[round->open];
}

static bool ask(const struct round *round, PGconn *pg)
{
    return !PQsetnonblocking(pg, 1) &&
           PQsendQuery(pg, round->query ? round->query : "SELECT 1") &&
           (!round->query || PQsetSingleRowMode(pg));
}

/* Waits for nothing until all the others are logged in, too. */
static void stand_by(struct round *round, size_t at)
{
    round->polls[at].events = 0;
    if (++round->logged_in < round->n)
        return;
    round->cpu = cpu_us();
    for (size_t i = 0; i < round->open; i++) {
        struct node *node = &round->nodes[round->owners[i]];
        node->left = round->times - 1;
        node->asking = true;
        round->polls[i].fd = PQsocket(node->pg);
        round->polls[i].events = POLLIN;
        ask(round, node->pg);
    }
}

static void step_login(struct round *round, size_t at)
{
    struct node *node = &round->nodes[round->owners[at]];
    PostgresPollingStatusType wanted = PQconnectPoll(node->pg);
    if (wanted == PGRES_POLLING_FAILED) {
        finish(round, at, false);
        return;
    }
    if (wanted == PGRES_POLLING_OK && round->times) {
        stand_by(round, at);
        return;
    }
    if (wanted == PGRES_POLLING_OK) {
        node->asking = true;
        if (!ask(round, node->pg)) {
            finish(round, at, false);
            return;
        }
    }
    round->polls[at].fd = PQsocket(node->pg);
    round->polls[at].events = wanted == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
}

static void step_answer(struct round *round, size_t at)
{
    struct node *node = &round->nodes[round->owners[at]];
    if (!PQconsumeInput(node->pg)) {
        finish(round, at, false);
        return;
    }
    while (!PQisBusy(node->pg)) {
        PGresult *result = PQgetResult(node->pg);
        if (!result && node->left > 0 && ask(round, node->pg)) {
            node->left--;
            return;
        }
        if (!result) {
            finish(round, at, !node->failed);
            return;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE)
            node->failed = true;
        else if (round->query)
            csv_put_rows(&round->csv, node->name, result);
        PQclear(result);
    }
}

static void run(struct round *round)
{
    for (size_t i = 0; i < round->n; i++)
        start(round, i);
    while (round->open) {
        int64_t left = round->deadline - now_ms();
        if (left <= 0)
            break;
        if (poll(round->polls, round->open, (int)left) < 0 && errno != EINTR)
            break;
        /* Backwards: finish() moves the last entry, which was looked at already. */
        for (size_t at = round->open; at-- > 0;) {
            if (!round->polls[at].revents)
                continue;
            round->polls[at].revents = 0;
            if (round->nodes[round->owners[at]].asking)
                step_answer(round, at);
            else
                step_login(round, at);
        }
    }
    while (round->open)
        finish(round, round->open - 1, false);
}

static void usage(void)
{
    fputs("usage: floor [-d MILLISECONDS] [-q QUERY] [-r TIMES] NODES "
          "[KEYWORD=VALUE]...\n",
          stderr);
    exit(3);
}

static void take_keywords(struct round *round, int n, char **keywords)
{
    if (n > MAX_KEYWORDS)
        usage();
    for (int i = 0; i < n; i++) {
        char *equals = strchr(keywords[i], '=');
        if (!equals)
            usage();
        *equals = '\0';
        round->keywords[i + 2] = keywords[i];
        round->values[i + 2] = equals + 1;
    }
}

int main(int argc, char **argv)
{
    static struct round round = {.keywords = {"host", "port"}};
    int64_t milliseconds = 5000;
    for (int option; (option = getopt(argc, argv, "d:q:r:")) != -1;) {
        if (option == 'd')
            milliseconds = strtol(optarg, NULL, 10);
        else if (option == 'q')
            round.query = optarg;
        else if (option == 'r')
            round.times = strtoul(optarg, NULL, 10);
        else
            usage();
    }
    if (optind == argc)
        usage();
    take_keywords(&round, argc - optind - 1, argv + optind + 1);

    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    read_nodes(&round, argv[optind]);
    round.deadline = now_ms() + milliseconds;
    run(&round);
    csv_flush(&round.csv);
    size_t checks = round.ok * round.times;
    if (checks)
        printf("%zu checks, %.2f us of CPU each\n", checks,
               (double)(cpu_us() - round.cpu) / (double)checks);
    else
        fprintf(round.query ? stderr : stdout, "%zu ok, %zu failed\n", round.ok,
                round.n - round.ok);
    free(round.nodes);
    free(round.polls);
    free(round.owners);
    return round.ok == round.n ? 0 : 1;
}
