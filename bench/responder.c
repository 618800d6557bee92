/* A thousand PostgreSQL servers that cost nothing: one thread, epoll, canned answers.
 *
 * It declines SSL and GSS encryption, lets everybody in and answers every question with
 * one row, one column, "1", in the simple and in the extended protocol, as text or
 * binary.  All it sends is prepared, so that what is measured is the client.
 *
 *     responder KIND:PORTS...
 *
 *     ok:8          eight ports that answer at once
 *     silent:8      accept, and never say a word
 *     delay=100:8   let every message lie for 100 ms, as a far node seems to
 *
 * Ports are chosen by the kernel and printed, a line per KIND; then it serves until its
 * standard input ends, so it cannot outlive the program that started it.
 *
 * Readiness is edge-triggered: a delayed connection leaves its input in the kernel and
 * waits in the queue of its group, which is in order because one group has one delay.
 */
#include "dialogue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_GROUPS = 8, MAX_PORTS = 64, MAX_EVENTS = 256 };

struct conn;

/* One KIND of the command line. */
struct group {
    bool silent;
    int delay_ms;
    struct conn *first, **last; /* waiting for their time, in order */
};

/* What epoll hands back: a listening port or a connection. */
struct source {
    bool listening;
    int fd;
    struct group *group;
};

struct conn {
    struct source source;
    bool queued, gone;
    int64_t due; /* milliseconds */
    struct conn *next;
    struct dialogue dialogue;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void fail(const char *what)
{
    fprintf(stderr, "responder: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- connections ---- */

/* Freed at once, or by the queue that still points to it. */
static void conn_close(struct conn *conn)
{
    if (!conn->gone)
        close(conn->source.fd);
    conn->gone = true;
    if (!conn->queued)
        free(conn);
}

/* Answers are far smaller than a socket's buffer: one that does not fit is a client
 * that never reads. */
static bool conn_send(const struct conn *conn, const struct answer *answer)
{
    return answer->n == 0 || send(conn->source.fd, answer->bytes, answer->n,
                                  MSG_NOSIGNAL) == (ssize_t)answer->n;
}

static void conn_serve(struct conn *conn)
{
    struct dialogue *dialogue = &conn->dialogue;
    struct answer answer;
    do {
        ssize_t n = recv(conn->source.fd, dialogue->input + dialogue->n,
                         sizeof dialogue->input - dialogue->n, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            break;
        dialogue->n += (size_t)n;
        answer.n = 0;
    } while (dialogue_go_on(dialogue, &answer) && conn_send(conn, &answer));
    conn_close(conn);
}

static void conn_postpone(struct conn *conn)
{
    struct group *group = conn->source.group;
    if (conn->queued)
        return;
    conn->queued = true;
    conn->due = now_ms() + group->delay_ms;
    conn->next = NULL;
    *group->last = conn;
    group->last = &conn->next;
}

/* Serves those whose time has come; milliseconds until the next, -1 for none. */
static int serve_postponed(struct group *group)
{
    int64_t now = now_ms();
    while (group->first && group->first->due <= now) {
        struct conn *conn = group->first;
        group->first = conn->next;
        if (!group->first)
            group->last = &group->first;
        conn->queued = false;
        if (conn->gone)
            free(conn);
        else
            conn_serve(conn);
    }
    return group->first ? (int)(group->first->due - now) : -1;
}

static void accept_all(int epoll, const struct source *port)
{
    for (;;) {
        int one = 1, fd = accept4(port->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct conn *conn = calloc(1, sizeof *conn);
        if (!conn)
            fail("accept");
        conn->source = (struct source){.fd = fd, .group = port->group};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        uint32_t events = EPOLLET | EPOLLRDHUP | (port->group->silent ? 0 : EPOLLIN);
        struct epoll_event event = {.events = events, .data.ptr = &conn->source};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
            fail("epoll_ctl");
    }
}

static void conn_event(struct conn *conn, uint32_t events)
{
    const struct group *group = conn->source.group;
    if (group->silent)
        conn_close(conn);
    else if (group->delay_ms && !(events & (EPOLLHUP | EPOLLERR)))
        conn_postpone(conn);
    else
        conn_serve(conn);
}

/* ---- start and end ---- */

static void listen_on(int epoll, struct group *group)
{
    static struct source ports[MAX_PORTS];
    static size_t n_ports;
    if (n_ports == MAX_PORTS)
        fail("too many ports");
    struct source *port = &ports[n_ports++];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        fail("listen");
    *port = (struct source){.listening = true, .fd = fd, .group = group};
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = port};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        fail("epoll_ctl");
    printf(" %d", ntohs(address.sin_port));
}

/* "ok:8", "silent:8", "delay=100:8" */
static bool open_group(int epoll, struct group *group, const char *kind)
{
    const char *colon = strchr(kind, ':');
    group->last = &group->first;
    group->silent = strncmp(kind, "silent:", 7) == 0;
    if (strncmp(kind, "delay=", 6) == 0)
        group->delay_ms = (int)strtol(kind + 6, NULL, 10);
    else if (!group->silent && strncmp(kind, "ok:", 3) != 0)
        return false;
    long ports = colon ? strtol(colon + 1, NULL, 10) : 0;
    printf("%.*s", (int)strcspn(kind, ":"), kind);
    for (long i = 0; i < ports; i++)
        listen_on(epoll, group);
    putchar('\n');
    return ports > 0;
}

static void serve(int epoll, struct group *groups, size_t n_groups)
{
    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int wait = -1;
        for (size_t i = 0; i < n_groups; i++) {
            int next = serve_postponed(&groups[i]);
            if (next >= 0 && (wait < 0 || next < wait))
                wait = next;
        }
        int n = epoll_wait(epoll, events, MAX_EVENTS, wait);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct source *source = events[i].data.ptr;
            if (!source)
                return; /* standard input ended */
            if (source->listening)
                accept_all(epoll, source);
            else /* a conn begins with its source */
                conn_event((struct conn *)(void *)source, events[i].events);
        }
    }
}

int main(int argc, char **argv)
{
    static struct group groups[MAX_GROUPS];
    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLHUP, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event))
        fail("standard input is not a pipe");
    size_t n = 0;
    for (int i = 1; i < argc && n < MAX_GROUPS; i++)
        if (!open_group(epoll, &groups[n++], argv[i])) {
            fprintf(stderr, "responder: unknown kind: %s\n", argv[i]);
            return 2;
        }
    if (n == 0) {
        fputs("usage: responder ok:PORTS|silent:PORTS|delay=MS:PORTS...\n", stderr);
        return 2;
    }
    fflush(stdout);
    serve(epoll, groups, n);
    return 0;
}
