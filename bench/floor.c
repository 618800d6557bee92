/* The floor: the least that a libpq and poll() program pays to check N nodes, cold.
 *
 * Connect, SELECT 1, close; all nodes at once.  No configuration, no diagnosis, no
 * retry, no output, none of the care that a hostile server needs.  What this costs is
 * libpq, the C library and the kernel; what pgcensus costs more is pgcensus's own.
 *
 * Its one shortcut: since everything starts together, one deadline serves all.
 *
 *     floor [-d MILLISECONDS] NODES [KEYWORD=VALUE]...
 *
 * NODES holds lines "HOST PORT"; the keywords are libpq's.  Prints "N ok, M failed" and
 * exits with 0 only if nothing failed. */
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
    char host[64], port[8];
    PGconn *pg;
    bool asking; /* logged in, the question is out */
};

/* polls[i] belongs to owners[i]; the first `open` entries are in use. */
struct round {
    struct node *nodes;
    struct pollfd *polls;
    size_t *owners;
    size_t n, open, ok;
    const char *keywords[MAX_KEYWORDS + 3], *values[MAX_KEYWORDS + 3];
    int64_t deadline; /* milliseconds */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
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
        round->nodes[round->n++] = node;
    }
    fclose(file);
    round->polls = must(calloc(round->n + 1, sizeof *round->polls));
    round->owners = must(calloc(round->n + 1, sizeof *round->owners));
}

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

static void step_login(struct round *round, size_t at)
{
    struct node *node = &round->nodes[round->owners[at]];
    PostgresPollingStatusType wanted = PQconnectPoll(node->pg);
    if (wanted == PGRES_POLLING_FAILED) {
        finish(round, at, false);
        return;
    }
    if (wanted == PGRES_POLLING_OK) {
        node->asking = true;
        if (PQsetnonblocking(node->pg, 1) || !PQsendQuery(node->pg, "SELECT 1")) {
            finish(round, at, false);
            return;
        }
    }
    round->polls[at].fd = PQsocket(node->pg);
    round->polls[at].events = wanted == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
}

static void step_answer(struct round *round, size_t at)
{
    PGconn *pg = round->nodes[round->owners[at]].pg;
    if (!PQconsumeInput(pg)) {
        finish(round, at, false);
        return;
    }
    bool ok = true;
    while (!PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        if (!result) {
            finish(round, at, ok);
            return;
        }
        ok = ok && PQresultStatus(result) == PGRES_TUPLES_OK;
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

int main(int argc, char **argv)
{
    struct round round = {.keywords = {"host", "port"}};
    int64_t milliseconds = 5000;
    for (int option; (option = getopt(argc, argv, "d:")) != -1;) {
        if (option != 'd')
            return 3;
        milliseconds = strtol(optarg, NULL, 10);
    }
    int n_keywords = argc - optind - 1;
    if (n_keywords < 0 || n_keywords > MAX_KEYWORDS) {
        fputs("usage: floor [-d MILLISECONDS] NODES [KEYWORD=VALUE]...\n", stderr);
        return 3;
    }
    for (int i = 0; i < n_keywords; i++) {
        char *keyword = argv[optind + 1 + i], *equals = strchr(keyword, '=');
        if (!equals)
            return 3;
        *equals = '\0';
        round.keywords[i + 2] = keyword;
        round.values[i + 2] = equals + 1;
    }

    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    read_nodes(&round, argv[optind]);
    round.deadline = now_ms() + milliseconds;
    run(&round);
    printf("%zu ok, %zu failed\n", round.ok, round.n - round.ok);
    free(round.nodes);
    free(round.polls);
    free(round.owners);
    return round.ok == round.n ? 0 : 1;
}
