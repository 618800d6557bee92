#include "io/address_list.h"

#include "base/memory.h"

#include <stdlib.h>

struct address_list *address_list_new(size_t room)
{
    if (room > ADDRESS_LIST_MOST)
        room = ADDRESS_LIST_MOST;
    size_t size = sizeof(struct address_list) + room * sizeof(char[INET6_ADDRSTRLEN]);
    struct address_list *addresses = memory_array(1, size);
    if (addresses)
        addresses->users = 1;
    return addresses;
}

struct address_list *address_list_share(struct address_list *addresses)
{
    if (addresses)
        addresses->users++;
    return addresses;
}

void address_list_drop(struct address_list *addresses)
{
    if (addresses && --addresses->users == 0)
        free(addresses);
}
