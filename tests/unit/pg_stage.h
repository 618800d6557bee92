/* A stage for servers that follow a script: a listening socket on loopback, a thread
 * that plays the script on every connection, and a client with a real loop and workers
 * in front of it. */
#ifndef TESTS_PG_STAGE_H
#define TESTS_PG_STAGE_H

#include "base/buf.h"
#include "pg/conn.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- the server ---- */

struct stage;
typedef void script(struct stage *stage, int fd);

struct stage {
    script *play;
    int listener;
    uint16_t port;
    pthread_t thread;
    atomic_uint plays;    /* connections accepted */
    atomic_uint startups; /* startup packets read, in plaintext */
    atomic_bool closing;  /* the test is over: scripts end */
    char seen[4096];      /* the last startup packet, NULs as blanks */
    const char *address;
};

/* address NULL: 127.0.0.1 */
void stage_open(struct stage *stage, const char *address, script *play);
void stage_close(struct stage *stage);

/* All are false once the client is gone or the test is over. */
bool say(int fd, const void *bytes, size_t n);
bool say_message(int fd, char type, const void *body, size_t n);
bool say_request(int fd, uint32_t request, const void *body, size_t n);
bool say_parameter(int fd, const char *name, const char *value);
bool say_error(int fd, char type, const char *severity, const char *sqlstate,
               const char *message); /* type: 'E' or 'N' */
bool say_ready(int fd);
bool say_columns(int fd, unsigned n); /* RowDescription of text columns */
bool say_row(int fd, const char *text);
bool say_complete(int fd, const char *tag);
bool hear(int fd, void *bytes, size_t n);
/* Answers SSLRequests with `answer`, until the startup packet is there. */
bool hear_startup(struct stage *stage, int fd, char answer);
/* The next message; its body in *ret_body (to be cleared by the caller). */
bool hear_message(int fd, char *ret_type, struct buf *ret_body);
/* N, startup, trust, parameters, ReadyForQuery. */
bool let_in(struct stage *stage, int fd);
/* Until the client closes or the test ends. */
void stay_silent(struct stage *stage, int fd);
/* let_in(), then silence. */
void trusting(struct stage *stage, int fd);

/* ---- the client ---- */

struct client {
    struct loop *loop;
    struct workers *workers;
    struct resolver *resolver;
    struct pg_env env;
    struct pg_target target;
    struct pg_conn *conn;
    struct task task;
    unsigned steps;
    bool bare; /* how it opens; false unless a test says so */
};

/* A target on the stage: sslmode disable, user "u", password "secret". */
void client_init(struct client *client, const struct stage *stage);
void client_fini(struct client *client);
void client_open(struct client *client, nsec patience);
void client_send(struct client *client, const struct pg_statement *statement,
                 nsec patience);
/* Turns the loop until the state is READY or BROKEN, or for that long. */
enum pg_conn_state client_wait(struct client *client, nsec patience);
/* Turns the loop for that long, whatever happens. */
void client_linger(struct client *client, nsec length);
/* open with 5 s, and wait */
enum pg_conn_state client_connect(struct client *client);

/* ---- both ---- */

/* A stage, a client in front of it, and both gone at the end of the test. */
struct scene {
    struct stage stage;
    struct client client;
};

static inline void scene_open(struct scene *scene, script *play)
{
    stage_open(&scene->stage, NULL, play);
    client_init(&scene->client, &scene->stage);
}

static inline void scene_close(struct scene *scene)
{
    client_fini(&scene->client);
    stage_close(&scene->stage);
}
AUTO_DEFINE_VALUE(struct scene, scene_close)

#define SCENE(name, play)                                                              \
    AUTO(scene_close) struct scene name;                                               \
    scene_open(&name, play);                                                           \
    struct client *client = &name.client

void assert_failure(const struct client *client, enum pgcensus_class error_class,
                    enum pgcensus_phase phase, const char *words);

#endif
