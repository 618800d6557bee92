/* Names → addresses without ever blocking the loop: getaddrinfo() on a worker
 * thread, one request per name, shared by all its nodes, answers kept for 15 s
 * (failures 50 ms).
 *
 * Numeric addresses and socket directories never get here; the caller knows them. */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include "io/address_list.h"
#include "io/loop.h"
#include "io/workers.h"

#include <netdb.h>

enum lookup_state {
    LOOKUP_NONE,
    LOOKUP_WAITING,
    LOOKUP_FOUND,
    LOOKUP_FAILED, /* the name does not exist or its servers say no */
    LOOKUP_LOCAL,  /* we have no memory, files or threads to ask with */
};

/* One claimant's interest in one name; embedded, zeroed at first. */
struct lookup {
    enum lookup_state state;
    struct address_list *addresses; /* FOUND */
    char reason[128];               /* FAILED, LOCAL: one line */
    struct task *waiter;            /* woken when the answer is there */

    /* the resolver's own */
    struct resolve_entry *entry; /* NULL unless WAITING */
    nsec since, waited;          /* when it was asked; see resolver_waited() */
    struct list_node node;
};

struct resolver;

struct resolver *resolver_new(struct loop *loop, struct workers *workers);
void resolver_free(struct resolver *resolver); /* lookups that wait become NONE */
AUTO_DEFINE(struct resolver *, resolver_free)

/* Answers at once from memory, or goes to LOOKUP_WAITING and wakes the waiter later. */
void resolver_ask(struct resolver *resolver, struct lookup *lookup, const char *name,
                  struct task *waiter, nsec now);
/* How long the name has waited for a thread, and not for the name service.
 * *ret_waits: it still waits for one. */
nsec resolver_waited(const struct lookup *lookup, nsec now, bool *ret_waits);
/* The claimant is gone, out of time, or has what it wanted: back to LOOKUP_NONE.  The
 * request itself runs on and is remembered.  Fine in any state; needed after FOUND. */
void resolver_forget(struct resolver *resolver, struct lookup *lookup);

/* True for an IPv4 or IPv6 address literal (with or without %scope). */
bool resolve_is_address(const char *host);

#endif
