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
    address_list_drop(take_ptr(answer->addresses));
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

static bool has(const struct address_list *addresses, const char *address)
{
    for (size_t i = 0; i < addresses->n; i++)
        if (strcmp(addresses->text[i], address) == 0)
            return true;
    return false;
}

static void keep(struct address_list *addresses, const struct addrinfo *found)
{
    for (; found && addresses->n < ADDRESS_LIST_MOST; found = found->ai_next) {
        /* Unlike inet_ntop() it writes the scope of a link-local address, too. */
        char address[NI_MAXHOST];
        if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address,
                        NULL, 0, NI_NUMERICHOST) == 0 &&
            strlen(address) < sizeof addresses->text[0] && !has(addresses, address))
            text_copy(addresses->text[addresses->n++], sizeof addresses->text[0],
                      address);
    }
}

static size_t count(const struct addrinfo *found)
{
    size_t n = 0;
    for (; found; found = found->ai_next)
        n++;
    return n;
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
    answer->addresses = address_list_new(count(found));
    if (answer->addresses)
        keep(answer->addresses, found);
    freeaddrinfo(found);
    if (!answer->addresses)
        explain(answer, EAI_MEMORY, 0);
    else if (answer->addresses->n)
        answer->state = LOOKUP_FOUND;
    else
        answer_fail(answer, LOOKUP_FAILED, gai_strerror(EAI_NODATA));
}

static void discard(struct inquiry *inquiry)
{
    address_list_drop(inquiry->answer.addresses);
    free(inquiry);
}

static void dispose(struct crew_job *job)
{
    discard(container_of(job, struct inquiry, job));
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
    else if (inquiry)
        discard(inquiry);
}
