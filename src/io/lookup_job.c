/* Calls getaddrinfo() and interprets its answer.
 *
 * Its error alone does not tell a wrong name from a shortage of ours: without
 * free descriptors it says "Name or service not known", because it could open
 * neither a socket nor the hosts file.  So after every failure we try to open a
 * file; if that fails, too, the fault is ours. */
#include "io/lookup_job.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

void lookup_answer_fail(struct lookup_answer *answer, enum lookup_state state,
                        const char *reason)
{
    answer->state = state;
    address_list_drop(take_ptr(answer->addresses));
    text_copy(answer->reason, sizeof answer->reason, reason);
}

/* 0, or the errno with which opening a file fails just now. */
static int own_shortage(void)
{
    AUTO(close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : 0;
}

static void explain_failure(struct lookup_answer *answer, int trouble, int error)
{
    int shortage = trouble == EAI_MEMORY ? ENOMEM : own_shortage();
    if (!shortage && trouble == EAI_SYSTEM)
        shortage = error;

    char text[128];
    if (shortage)
        lookup_answer_fail(answer, LOOKUP_LOCAL,
                           strerror_r(shortage, text, sizeof text));
    else
        lookup_answer_fail(answer, LOOKUP_FAILED, gai_strerror(trouble));
}

static bool has_address(const struct address_list *addresses, const char *address)
{
    for (size_t i = 0; i < addresses->n; i++)
        if (strcmp(addresses->text[i], address) == 0)
            return true;
    return false;
}

static void keep_found(struct address_list *addresses, const struct addrinfo *found)
{
    for (; found && addresses->n < ADDRESS_LIST_MOST; found = found->ai_next) {
        /* Unlike inet_ntop() it writes the scope of a link-local address, too. */
        char address[NI_MAXHOST];
        if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address,
                        NULL, 0, NI_NUMERICHOST) == 0 &&
            strlen(address) < sizeof addresses->text[0] &&
            !has_address(addresses, address))
            text_copy(addresses->text[addresses->n++], sizeof addresses->text[0],
                      address);
    }
}

static size_t count_found(const struct addrinfo *found)
{
    size_t n = 0;
    for (; found; found = found->ai_next)
        n++;
    return n;
}

static void call_getaddrinfo(struct worker_job *worker_job)
{
    struct lookup_job *job = container_of(worker_job, struct lookup_job, job);
    struct lookup_answer *answer = &job->answer;
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                          .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int trouble = getaddrinfo(job->name, NULL, &hints, &found);
    if (trouble) {
        explain_failure(answer, trouble, errno);
        return;
    }
    answer->addresses = address_list_new(count_found(found));
    if (answer->addresses)
        keep_found(answer->addresses, found);
    freeaddrinfo(found);
    if (!answer->addresses)
        explain_failure(answer, EAI_MEMORY, 0);
    else if (answer->addresses->n)
        answer->state = LOOKUP_FOUND;
    else
        lookup_answer_fail(answer, LOOKUP_FAILED, gai_strerror(EAI_NODATA));
}

static void discard(struct lookup_job *job)
{
    address_list_drop(job->answer.addresses);
    free(job);
}

static void dispose_lookup(struct worker_job *job)
{
    discard(container_of(job, struct lookup_job, job));
}

struct lookup_job *lookup_job_new(const char *name, struct task *waiter)
{
    size_t size = strlen(name) + 1;
    struct lookup_job *job = memory_array(1, sizeof *job + size);
    if (!job)
        return NULL;
    job->job = (struct worker_job){.work = call_getaddrinfo,
                                   .dispose = dispose_lookup,
                                   .waiter = waiter,
                                   .blocking = true};
    memcpy(job->name, name, size);
    return job;
}

void lookup_job_free(struct lookup_job *job)
{
    if (job && job->job.workers)
        workers_abandon(&job->job);
    else if (job)
        discard(job);
}
