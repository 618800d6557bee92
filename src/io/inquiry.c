/* What getaddrinfo() says, and what it means.
 *
 * The surprise: out of descriptors it says "Name or service not known", because it
 * could open neither a socket nor the hosts file.  So after every failure we try
 * whether we can open a file at all; if not, the fault is ours and says nothing about
 * the name. */
#include "io/inquiry.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

void answer_fail(struct answer *answer, enum lookup_state state, const char *reason)
{
    answer->state = state;
    answer->n = 0;
    text_copy(answer->reason, sizeof answer->reason, reason);
}

/* 0, or why we cannot open files just now. */
static int own_shortage(void)
{
    AUTO(close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : 0;
}

static void explain(struct answer *answer, int trouble, int error)
{
    int shortage = trouble == EAI_MEMORY ? ENOMEM : own_shortage();
    if (!shortage && trouble == EAI_SYSTEM)
        shortage = error;

    char text[128];
    if (shortage)
        answer_fail(answer, LOOKUP_LOCAL, strerror_r(shortage, text, sizeof text));
    else
        answer_fail(answer, LOOKUP_FAILED, gai_strerror(trouble));
}

static bool has(const struct answer *answer, const char *address)
{
    for (size_t i = 0; i < answer->n; i++)
        if (strcmp(answer->addresses[i], address) == 0)
            return true;
    return false;
}

static void keep(struct answer *answer, const struct addrinfo *found)
{
    for (; found && answer->n < RESOLVE_MAX_ADDRESSES; found = found->ai_next) {
        /* Unlike inet_ntop() it writes the scope of a link-local address, too. */
        char address[NI_MAXHOST];
        if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address,
                        NULL, 0, NI_NUMERICHOST) == 0 &&
            strlen(address) < sizeof answer->addresses[0] && !has(answer, address))
            text_copy(answer->addresses[answer->n++], sizeof answer->addresses[0],
                      address);
    }
}

static void inquire(struct crew_job *job)
{
    struct inquiry *inquiry = container_of(job, struct inquiry, job);
    struct answer *answer = &inquiry->answer;
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                          .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int trouble = getaddrinfo(inquiry->name, NULL, &hints, &found);
    if (trouble) {
        explain(answer, trouble, errno);
        return;
    }
    keep(answer, found);
    freeaddrinfo(found);
    if (answer->n)
        answer->state = LOOKUP_FOUND;
    else
        answer_fail(answer, LOOKUP_FAILED, gai_strerror(EAI_NODATA));
}

static void dispose(struct crew_job *job)
{
    free(container_of(job, struct inquiry, job));
}

struct inquiry *inquiry_new(const char *name, struct task *waiter)
{
    size_t size = strlen(name) + 1;
    struct inquiry *inquiry = memory_array(1, sizeof *inquiry + size);
    if (!inquiry)
        return NULL;
    inquiry->job = (struct crew_job){
        .work = inquire, .dispose = dispose, .waiter = waiter, .errand = true};
    memcpy(inquiry->name, name, size);
    return inquiry;
}

void inquiry_free(struct inquiry *inquiry)
{
    if (inquiry && inquiry->job.crew)
        crew_abandon(&inquiry->job);
    else
        free(inquiry);
}
