/* Names → addresses, each name asked once at a time.
 *
 * A question is one name: who waits for it, what the last answer was, and until when
 * that is good.  A question without an inquiry under way has nobody waiting.  Nothing
 * is ever swept on its own: whoever walks a bucket throws out what has gone stale in
 * it, so what a reload no longer mentions goes with time. */
#include "io/resolve.h"

#include "base/memory.h"
#include "io/inquiry.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#define KEEP_ADDRESSES (15 * NSEC_PER_SEC)
/* Long enough for nodes that share a name, too short to answer a retry. */
#define KEEP_FAILURE (50 * NSEC_PER_MSEC)

enum { N_BUCKETS = 256 };

struct question {
    struct task task; /* woken when the inquiry is done */
    struct list_node in_bucket;
    struct list waiting;     /* of struct lookup */
    struct inquiry *inquiry; /* NULL: none under way */
    struct answer answer;
    nsec good_until;
    char name[];
};

struct resolver {
    struct loop *loop;
    struct crew *crew;
    struct list buckets[N_BUCKETS];
};

/* ---- who waits ---- */

static void give(struct lookup *lookup, const struct answer *answer)
{
    lookup->state = answer->state;
    lookup->addresses = address_list_share(answer->addresses);
    memcpy(lookup->reason, answer->reason, sizeof lookup->reason);
}

static void join(struct question *question, struct lookup *lookup)
{
    lookup->state = LOOKUP_WAITING;
    lookup->question = question;
    list_push_back(&question->waiting, &lookup->node);
}

static void leave(struct lookup *lookup)
{
    list_remove(&lookup->question->waiting, &lookup->node);
    lookup->question = NULL;
    lookup->state = LOOKUP_NONE;
}

static struct lookup *first_waiting(const struct question *question)
{
    struct list_node *node = list_first(&question->waiting);
    return node ? container_of(node, struct lookup, node) : NULL;
}

/* ---- questions ---- */

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

static void question_step(struct task *task, short revents, nsec now)
{
    struct question *question = container_of(task, struct question, task);
    if (!question->inquiry || !crew_job_done(&question->inquiry->job))
        return;
    AUTO(inquiry_free) struct inquiry *inquiry = take_ptr(question->inquiry);
    address_list_drop(question->answer.addresses);
    question->answer = inquiry->answer;
    inquiry->answer.addresses = NULL;
    question->good_until = now + worth(question->answer.state);

    struct lookup *lookup;
    while ((lookup = first_waiting(question))) {
        bool waits;
        leave(lookup);
        give(lookup, &question->answer);
        lookup->waited = crew_job_waited(&inquiry->job, lookup->since, now, &waits);
        loop_wake(lookup->waiter);
    }
}

static struct question *question_new(struct resolver *resolver, struct list *bucket,
                                     const char *name)
{
    size_t size = strlen(name) + 1;
    AUTO(free)
    struct question *question = memory_array(1, sizeof(struct question) + size);
    if (!question)
        return NULL;
    memcpy(question->name, name, size);
    list_init(&question->waiting);
    question->good_until = INT64_MIN;
    task_init(&question->task, question_step);
    if (!loop_add(resolver->loop, &question->task))
        return NULL;
    list_push_back(bucket, &question->in_bucket);
    return take_ptr(question);
}

static void question_free(struct list *bucket, struct question *question)
{
    struct lookup *lookup;
    while ((lookup = first_waiting(question)))
        leave(lookup);
    inquiry_free(question->inquiry);
    address_list_drop(question->answer.addresses);
    loop_remove(&question->task);
    list_remove(bucket, &question->in_bucket);
    free(question);
}

static bool question_inquire(struct resolver *resolver, struct question *question)
{
    AUTO(inquiry_free)
    struct inquiry *inquiry = inquiry_new(question->name, &question->task);
    if (!inquiry || !crew_submit(resolver->crew, &inquiry->job))
        return false;
    question->inquiry = take_ptr(inquiry);
    return true;
}

static struct question *question_of(struct list_node *node)
{
    return container_of(node, struct question, in_bucket);
}

/* ---- the resolver ---- */

struct resolver *resolver_new(struct loop *loop, struct crew *crew)
{
    struct resolver *resolver = memory_new(struct resolver);
    if (!resolver)
        return NULL;
    resolver->loop = loop;
    resolver->crew = crew;
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
            question_free(&resolver->buckets[i], question_of(node));
    free(resolver);
}

/* FNV-1a. */
static struct list *bucket_of(struct resolver *resolver, const char *name)
{
    uint32_t hash = 2166136261;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619;
    return &resolver->buckets[hash % N_BUCKETS];
}

static struct question *find(struct resolver *resolver, const char *name, nsec now)
{
    struct list *bucket = bucket_of(resolver, name);
    struct question *found = NULL;
    list_each (bucket, node, after) {
        struct question *question = question_of(node);
        if (strcmp(question->name, name) == 0)
            found = question;
        else if (!question->inquiry && question->good_until <= now)
            question_free(bucket, question);
    }
    return found ? found : question_new(resolver, bucket, name);
}

void resolver_ask(struct resolver *resolver, struct lookup *lookup, const char *name,
                  struct task *waiter, nsec now)
{
    assert(!lookup->question);
    lookup->waiter = waiter;
    lookup->since = now;
    lookup->waited = 0;
    struct question *question = find(resolver, name, now);
    if (question && !question->inquiry && now < question->good_until) {
        give(lookup, &question->answer);
    } else if (question &&
               (question->inquiry || question_inquire(resolver, question))) {
        join(question, lookup);
    } else {
        struct answer none = {0};
        answer_fail(&none, LOOKUP_LOCAL, "no memory or no thread to look it up with");
        give(lookup, &none);
    }
}

nsec resolver_waited(const struct lookup *lookup, nsec now, bool *ret_waits)
{
    *ret_waits = false;
    if (!lookup->question)
        return lookup->waited;
    return crew_job_waited(&lookup->question->inquiry->job, lookup->since, now,
                           ret_waits);
}

/* One that no thread has begun would only be in the way of others. */
static void give_up_if_unwanted(struct question *question, nsec now)
{
    bool waits;
    crew_job_waited(&question->inquiry->job, 0, now, &waits);
    if (waits && question->waiting.n == 0)
        inquiry_free(take_ptr(question->inquiry));
}

void resolver_forget(struct resolver *resolver, struct lookup *lookup)
{
    struct question *question = lookup->question;
    if (question) {
        leave(lookup);
        give_up_if_unwanted(question, lookup->since);
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
