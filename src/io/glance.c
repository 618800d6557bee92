/* A sight is one file: the glances that wait for it, the last answer, and until
 * when that is good.  Glances wait only while a peek is under way.  As in the
 * resolver, each search of a bucket frees the sights that have gone stale in
 * it. */
#include "io/glance.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define KEEP_FINE (60 * NSEC_PER_SEC)
/* Long enough for nodes that share a file, too short to answer a retry. */
#define KEEP_FAULT (50 * NSEC_PER_MSEC)

enum { N_BUCKETS = 256 };

/* The thread's part of a look; it shares nothing with the loop's side. */
struct peek {
    struct worker_job job;
    int error;
    char path[];
};

struct sight {
    struct task task; /* woken when the peek is done */
    struct list_node in_bucket;
    struct list waiting; /* of struct glance */
    struct peek *peek;   /* NULL: none under way */
    int error;
    nsec good_until;
    char path[];
};

struct glances {
    struct loop *loop;
    struct workers *workers;
    struct list buckets[N_BUCKETS];
};

/* ---- on a thread ---- */

static int read_error(const char *path)
{
    AUTO(close) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat is;
    if (fd < 0 || fstat(fd, &is) < 0)
        return errno;
    if (S_ISDIR(is.st_mode))
        return EISDIR;
    bool is_null = S_ISCHR(is.st_mode) && is.st_rdev == makedev(1, 3);
    return S_ISREG(is.st_mode) || is_null ? 0 : GLANCE_ODD_FILE;
}

static void look_at_file(struct worker_job *job)
{
    struct peek *peek = container_of(job, struct peek, job);
    peek->error = read_error(peek->path);
}

static void dispose_sight(struct worker_job *job)
{
    free(container_of(job, struct peek, job));
}

/* ---- glances that wait ---- */

static void glance_leave(struct glance *glance)
{
    list_remove(&glance->sight->waiting, &glance->node);
    glance->sight = NULL;
    glance->state = GLANCE_NONE;
}

static struct glance *sight_first_waiting(const struct sight *sight)
{
    struct list_node *node = list_first(&sight->waiting);
    return node ? container_of(node, struct glance, node) : NULL;
}

static void glance_give(struct glance *glance, int error)
{
    glance->state = GLANCE_SEEN;
    glance->error = error;
}

/* ---- sights ---- */

static void sight_step(struct task *task, short revents, nsec now)
{
    struct sight *sight = container_of(task, struct sight, task);
    if (!sight->peek || !worker_job_done(&sight->peek->job))
        return;
    AUTO(free) struct peek *peek = take_ptr(sight->peek);
    sight->error = peek->error;
    sight->good_until = now + (sight->error ? KEEP_FAULT : KEEP_FINE);
    struct glance *glance;
    while ((glance = sight_first_waiting(sight))) {
        glance_leave(glance);
        glance_give(glance, sight->error);
        loop_wake(glance->waiter);
    }
}

static struct sight *sight_new(struct glances *glances, struct list *bucket,
                               const char *path)
{
    size_t size = strlen(path) + 1;
    AUTO(free) struct sight *sight = memory_array(1, sizeof(struct sight) + size);
    if (!sight)
        return NULL;
    memcpy(sight->path, path, size);
    list_init(&sight->waiting);
    sight->good_until = INT64_MIN;
    task_init(&sight->task, sight_step);
    if (!loop_add(glances->loop, &sight->task))
        return NULL;
    list_push_back(bucket, &sight->in_bucket);
    return take_ptr(sight);
}

static void sight_free(struct list *bucket, struct sight *sight)
{
    struct glance *glance;
    while ((glance = sight_first_waiting(sight)))
        glance_leave(glance);
    if (sight->peek && sight->peek->job.workers)
        workers_abandon(&sight->peek->job);
    else
        free(sight->peek);
    loop_remove(&sight->task);
    list_remove(bucket, &sight->in_bucket);
    free(sight);
}

static bool sight_peek(struct glances *glances, struct sight *sight)
{
    size_t size = strlen(sight->path) + 1;
    AUTO(free) struct peek *peek = memory_array(1, sizeof(struct peek) + size);
    if (!peek)
        return false;
    memcpy(peek->path, sight->path, size);
    peek->job = (struct worker_job){.work = look_at_file,
                                    .dispose = dispose_sight,
                                    .waiter = &sight->task,
                                    .blocking = true};
    if (!workers_submit(glances->workers, &peek->job))
        return false;
    sight->peek = take_ptr(peek);
    return true;
}

static struct sight *sight_of(struct list_node *node)
{
    return container_of(node, struct sight, in_bucket);
}

/* ---- all of them ---- */

struct glances *glances_new(struct loop *loop, struct workers *workers)
{
    struct glances *glances = memory_new(struct glances);
    if (!glances)
        return NULL;
    glances->loop = loop;
    glances->workers = workers;
    for (size_t i = 0; i < N_BUCKETS; i++)
        list_init(&glances->buckets[i]);
    return glances;
}

void glances_free(struct glances *glances)
{
    if (!glances)
        return;
    for (size_t i = 0; i < N_BUCKETS; i++)
        list_each (&glances->buckets[i], node, after)
            sight_free(&glances->buckets[i], sight_of(node));
    free(glances);
}

/* FNV-1a. */
static struct list *sight_bucket(struct glances *glances, const char *path)
{
    uint32_t hash = 2166136261;
    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * 16777619;
    return &glances->buckets[hash % N_BUCKETS];
}

static struct sight *find_sight(struct glances *glances, const char *path, nsec now)
{
    struct list *bucket = sight_bucket(glances, path);
    struct sight *found = NULL;
    list_each (bucket, node, after) {
        struct sight *sight = sight_of(node);
        if (strcmp(sight->path, path) == 0)
            found = sight;
        else if (!sight->peek && sight->good_until <= now)
            sight_free(bucket, sight);
    }
    return found ? found : sight_new(glances, bucket, path);
}

void glances_ask(struct glances *glances, struct glance *glance, const char *path,
                 struct task *waiter, nsec now)
{
    assert(!glance->sight);
    glance->waiter = waiter;
    glance->since = now;
    struct sight *sight = find_sight(glances, path, now);
    if (sight && !sight->peek && now < sight->good_until) {
        glance_give(glance, sight->error);
    } else if (sight && (sight->peek || sight_peek(glances, sight))) {
        glance->state = GLANCE_WAITING;
        glance->sight = sight;
        list_push_back(&sight->waiting, &glance->node);
    } else {
        glance_give(glance, ENOMEM); /* no thread either is a shortage of ours */
    }
}

void glance_forget(struct glance *glance)
{
    if (glance->sight)
        glance_leave(glance);
    glance->state = GLANCE_NONE;
}
