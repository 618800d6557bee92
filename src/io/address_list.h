/* What a name stands for, in getaddrinfo()'s order.  One list for all who asked: it is
 * counted, and only the thread of the loop counts. */
#ifndef IO_ADDRESS_LIST_H
#define IO_ADDRESS_LIST_H

#include "base/auto.h"

#include <netinet/in.h>

/* All of them are tried while there is time; a name that has more is somebody's joke.
 */
enum { ADDRESS_LIST_MOST = 64 };

struct address_list {
    unsigned users;
    size_t n;
    char text[][INET6_ADDRSTRLEN]; /* "10.0.0.13", "fe80::1%eth0" */
};

/* With room for so many, at most ADDRESS_LIST_MOST, and one user.  NULL: no memory. */
struct address_list *address_list_new(size_t room);
/* Another user; NULL is fine. */
struct address_list *address_list_share(struct address_list *addresses);
void address_list_drop(
    struct address_list *addresses); /* the last one frees; NULL is fine */
AUTO_DEFINE(struct address_list *, address_list_drop)

#endif
