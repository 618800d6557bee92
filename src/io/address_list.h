/* The addresses of one name, in getaddrinfo()'s order.  All claimants of the
 * name share one list by counting its users; only the loop's thread counts. */
#ifndef IO_ADDRESS_LIST_H
#define IO_ADDRESS_LIST_H

#include "base/auto.h"

#include <netinet/in.h>

/* All addresses are tried while there is time; a name with more of them is a
 * mistake or an attack. */
enum { ADDRESS_LIST_MOST = 64 };

struct address_list {
    unsigned users;
    size_t n;
    char text[][INET6_ADDRSTRLEN]; /* "10.0.0.13", "fe80::1%eth0" */
};

/* A list with room for that many addresses (at most ADDRESS_LIST_MOST) and one
 * user.  NULL: no memory. */
struct address_list *address_list_new(size_t room);
/* Adds a user; NULL is fine. */
struct address_list *address_list_share(struct address_list *addresses);
void address_list_drop(
    struct address_list *addresses); /* the last user's frees; NULL is fine */
AUTO_DEFINE(struct address_list *, address_list_drop)

#endif
