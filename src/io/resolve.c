/* Names → addresses, each name asked once at a time.
 *
 * An entry is one name: the lookups that wait for it, the last answer, and until when
 * that is good.  An entry without a job under way has no lookups waiting.  There is no
 * sweep: each search of a bucket frees what has gone stale in it, so a name that a
 * reload no longer mentions goes with time. */
#include "io/resolve.h"

#include "base/memory.h"
#include "io/lookup_job.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#define KEEP_ADDRESSES (15 * NSEC_PER_SEC)
/* Long enough for nodes that share a name, too short to answer a retry. */
#define KEEP_FAILURE (50 * NSEC_PER_MSEC)

enum { N_BUCKETS = 256 };

struct resolve_entry {
    struct task task; /* woken when the job is done */
    struct list_node in_bucket;
    struct list waiting;    /* of struct lookup */
    struct lookup_job *job; /* NULL: none under way */
    struct lookup_answer answer;
    nsec good_until;
    char name[];
};

struct resolver {
    struct loop *loop;
    struct workers *workers;
    struct list buckets[N_BUCKETS];
};

/* ---- lookups that wait ---- */

static void lookup_give(struct lookup *lookup, const struct lookup_answer *answer)
{
    lookup->state = answer->state;
    lookup->addresses = address_list_share(answer->addresses);
    memcpy(lookup->reason, answer->reason, sizeof lookup->reason);
}

static void entry_join(struct resolve_entry *entry, struct lookup *lookup)
{
    lookup->state = LOOKUP_WAITING;
    lookup->entry = entry;
    list_push_back(&entry->waiting, &lookup->node);
}

static void entry_leave(struct lookup *lookup)
{
    list_remove(&lookup->entry->waiting, &lookup->node);
    lookup->entry = NULL;
    lookup->state = LOOKUP_NONE;
}

static struct lookup *entry_first_lookup(const struct resolve_entry *entry)
{
    struct list_node *node = list_first(&entry->waiting);
    return node ? container_of(node, struct lookup, node) : NULL;
}

/* ---- entries ---- */

static nsec worth(enum lookup_state state)
{
    switch (state) {
    case LOOKUP_FOUND:
        return KEEP_ADDRESSES;
    case LOOKUP_FAILED:
        return KEEP_FAILURE;
    case LOOKUP_NONE:
    case LOOKUP_WAITING:
    case LOOKUP_LOCAL: /* our shortage may be over the next moment */
        return 0;
    }
    return 0;
}

static void entry_step(struct task *task, short revents, nsec now)
{
    struct resolve_entry *entry = container_of(task, struct resolve_entry, task);
    if (!entry->job || !worker_job_done(&entry->job->job))
        return;
    AUTO(lookup_job_free) struct lookup_job *job = take_ptr(entry->job);
    address_list_drop(entry->answer.addresses);
    entry->answer = job->answer;
    job->answer.addresses = NULL;
    entry->good_until = now + worth(entry->answer.state);

    struct lookup *lookup;
    while ((lookup = entry_first_lookup(entry))) {
        bool waits;
        entry_leave(lookup);
        lookup_give(lookup, &entry->answer);
        lookup->waited = worker_job_waited(&job->job, lookup->since, now, &waits);
        loop_wake(lookup->waiter);
    }
}

static struct resolve_entry *entry_new(struct resolver *resolver, struct list *bucket,
                                       const char *name)
{
    size_t size = strlen(name) + 1;
    AUTO(free)
    struct resolve_entry *entry = memory_array(1, sizeof(struct resolve_entry) + size);
    if (!entry)
        return NULL;
    memcpy(entry->name, name, size);
    list_init(&entry->waiting);
    entry->good_until = INT64_MIN;
    task_init(&entry->task, entry_step);
    if (!loop_add(resolver->loop, &entry->task))
        return NULL;
    list_push_back(bucket, &entry->in_bucket);
    return take_ptr(entry);
}

static void entry_free(struct list *bucket, struct resolve_entry *entry)
{
    struct lookup *lookup;
    while ((lookup = entry_first_lookup(entry)))
        entry_leave(lookup);
    lookup_job_free(entry->job);
    address_list_drop(entry->answer.addresses);
    loop_remove(&entry->task);
    list_remove(bucket, &entry->in_bucket);
    free(entry);
}

static bool entry_submit(struct resolver *resolver, struct resolve_entry *entry)
{
    AUTO(lookup_job_free)
    struct lookup_job *job = lookup_job_new(entry->name, &entry->task);
    if (!job || !workers_submit(resolver->workers, &job->job))
        return false;
    entry->job = take_ptr(job);
    return true;
}

static struct resolve_entry *entry_of(struct list_node *node)
{
    return container_of(node, struct resolve_entry, in_bucket);
}

/* ---- the resolver ---- */

struct resolver *resolver_new(struct loop *loop, struct workers *workers)
{
    struct resolver *resolver = memory_new(struct resolver);
    if (!resolver)
        return NULL;
    resolver->loop = loop;
    resolver->workers = workers;
    for (size_t i = 0; i < N_BUCKETS; i++)
        list_init(&resolver->buckets[i]);
    return resolver;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    for (size_t i = 0; i < N_BUCKETS; i++)
        list_each (&resolver->buckets[i], node, after)
            entry_free(&resolver->buckets[i], entry_of(node));
    free(resolver);
}

/* FNV-1a. */
static struct list *entry_bucket(struct resolver *resolver, const char *name)
{
    uint32_t hash = 2166136261;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619;
    return &resolver->buckets[hash % N_BUCKETS];
}

static struct resolve_entry *find_entry(struct resolver *resolver, const char *name,
                                        nsec now)
{
    struct list *bucket = entry_bucket(resolver, name);
    struct resolve_entry *found = NULL;
    list_each (bucket, node, after) {
        struct resolve_entry *entry = entry_of(node);
        if (strcmp(entry->name, name) == 0)
            found = entry;
        else if (!entry->job && entry->good_until <= now)
            entry_free(bucket, entry);
    }
    return found ? found : entry_new(resolver, bucket, name);
}

void resolver_ask(struct resolver *resolver, struct lookup *lookup, const char *name,
                  struct task *waiter, nsec now)
{
    assert(!lookup->entry);
    lookup->waiter = waiter;
    lookup->since = now;
    lookup->waited = 0;
    struct resolve_entry *entry = find_entry(resolver, name, now);
    if (entry && !entry->job && now < entry->good_until) {
        lookup_give(lookup, &entry->answer);
    } else if (entry && (entry->job || entry_submit(resolver, entry))) {
        entry_join(entry, lookup);
    } else {
        struct lookup_answer none = {0};
        lookup_answer_fail(&none, LOOKUP_LOCAL,
                           "no memory or no thread to look it up with");
        lookup_give(lookup, &none);
    }
}

nsec resolver_waited(const struct lookup *lookup, nsec now, bool *ret_waits)
{
    *ret_waits = false;
    if (!lookup->entry)
        return lookup->waited;
    return worker_job_waited(&lookup->entry->job->job, lookup->since, now, ret_waits);
}

/* A request that no thread has begun, and no lookup waits for, is withdrawn: it
 * would only delay other names. */
static void give_up_if_unwanted(struct resolve_entry *entry, nsec now)
{
    bool waits;
    worker_job_waited(&entry->job->job, 0, now, &waits);
    if (waits && entry->waiting.n == 0)
        lookup_job_free(take_ptr(entry->job));
}

void resolver_forget(struct resolver *resolver, struct lookup *lookup)
{
    struct resolve_entry *entry = lookup->entry;
    if (entry) {
        entry_leave(lookup);
        give_up_if_unwanted(entry, lookup->since);
    }
    address_list_drop(take_ptr(lookup->addresses));
    lookup->state = LOOKUP_NONE;
}

bool resolve_is_address(const char *host)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        return true;

    char bare[INET6_ADDRSTRLEN];
    size_t n = strcspn(host, "%");
    if (n >= sizeof bare || (host[n] && !host[n + 1]))
        return false;
    memcpy(bare, host, n);
    bare[n] = '\0';
    return inet_pton(AF_INET6, bare, &address) == 1;
}
