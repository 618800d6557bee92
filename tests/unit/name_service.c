#include "name_service.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

atomic_uint service_calls, service_inside;
sem_t service_gate;

int __real_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **ret_found);
int __wrap_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **ret_found);

/* Numeric addresses need no service; chained they make an answer with several. */
static int chain(const char *const *addresses, const struct addrinfo *hints,
                 struct addrinfo **ret_found)
{
    *ret_found = NULL;
    for (; *addresses; addresses++) {
        if (__real_getaddrinfo(*addresses, NULL, hints, ret_found) != 0)
            abort(); /* an assert() would not call it under NDEBUG */
        while (*ret_found)
            ret_found = &(*ret_found)->ai_next;
    }
    return 0;
}

/* 10.0.0.1 to 10.0.0.70 */
static int chain_many(const struct addrinfo *hints, struct addrinfo **ret_found)
{
    enum { MANY = 70 };
    char text[MANY][16];
    const char *addresses[MANY + 1] = {NULL};
    for (int i = 0; i < MANY; i++) {
        snprintf(text[i], sizeof text[i], "10.0.0.%d", i + 1);
        addresses[i] = text[i];
    }
    return chain(addresses, hints, ret_found);
}

static int answer_for(const char *name, const struct addrinfo *hints,
                      struct addrinfo **ret_found)
{
    static const char *const one[] = {"10.0.0.1", NULL};
    static const char *const several[] = {"fe80::1%1", "10.0.0.1", "10.0.0.1",
                                          "2001:db8::2", NULL};
    switch (name[0]) {
    case 'h': /* hangs until the gate opens */
        while (sem_wait(&service_gate) != 0)
            ;
        return chain(one, hints, ret_found);
    case 'o':
        return chain(one, hints, ret_found);
    case 's':
        return chain(several, hints, ret_found);
    case 'm':
        return chain_many(hints, ret_found);
    case 'a':
        return EAI_AGAIN;
    case 'y':
        errno = ENFILE;
        return EAI_SYSTEM;
    case 'z':
        return EAI_MEMORY;
    default:
        return EAI_NONAME;
    }
}

int __wrap_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **ret_found)
{
    if (strcmp(name, "localhost") == 0 || strstr(name, ".invalid"))
        return __real_getaddrinfo(name, service, hints, ret_found);
    atomic_fetch_add(&service_calls, 1);
    atomic_fetch_add(&service_inside, 1);
    int trouble = answer_for(name, hints, ret_found);
    atomic_fetch_sub(&service_inside, 1);
    return trouble;
}
