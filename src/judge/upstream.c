/* An address means what it means to whoever uses it.
 *
 * A standby calls its upstream by the name that its own configuration has, we call the
 * node by the name in ours; only if they are spelled alike, or ours turned out to be
 * that address, are they known to be one.
 *
 * The surprise: "localhost" and a socket are another machine on every machine.  They
 * are compared only if the standby is known to be on the machine of the other node. */
#include "judge/upstream.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static bool is_socket(const char *host)
{
    return *host == '/' || *host == '@';
}

/* Names know no case, and of IPv6 there are many spellings. */
static bool same_host(const char *a, const char *b)
{
    struct in6_addr one, other;
    if (!*a || !*b)
        return false;
    if (strcasecmp(a, b) == 0)
        return true;
    return inet_pton(AF_INET6, a, &one) == 1 && inet_pton(AF_INET6, b, &other) == 1 &&
           memcmp(&one, &other, sizeof one) == 0;
}

static bool is_loopback(const char *host)
{
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return same_host(host, "localhost") || same_host(host, "::1");
}

/* The ones that the name may stand for. */
static bool is_localhost(const char *host)
{
    return same_host(host, "localhost") || same_host(host, "127.0.0.1") ||
           same_host(host, "::1");
}

static size_t without_slashes(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n;
}

static bool same_directory(const char *a, const char *b)
{
    size_t n = without_slashes(a);
    return n == without_slashes(b) && memcmp(a, b, n) == 0;
}

const char *upstream_address_of(const struct peer *peer)
{
    if (*peer->result->hostaddr)
        return peer->result->hostaddr;
    return peer->identity->hostaddr ? peer->identity->hostaddr : peer->identity->host;
}

bool upstream_is_local(const char *host)
{
    return is_socket(host) || is_loopback(host);
}

bool upstream_shares_machine(const struct peer *a, const struct peer *b)
{
    const char *one = upstream_address_of(a), *other = upstream_address_of(b);
    if (upstream_is_local(one) || upstream_is_local(other))
        return upstream_is_local(one) && upstream_is_local(other);
    return same_host(a->result->hostaddr, b->result->hostaddr);
}

static bool is_on_that_machine(const struct peer *standby, const struct peer *other,
                               const char *host)
{
    const char *address = upstream_address_of(other);
    if (!upstream_shares_machine(standby, other))
        return false;
    if (is_socket(host) || is_socket(address))
        return is_socket(host) && is_socket(address) && same_directory(host, address);
    if (is_loopback(address))
        return same_host(host, address) ||
               (is_localhost(host) && is_localhost(address));
    return true; /* both have one address, and the port decides */
}

bool upstream_is(const struct peer *standby, const struct peer *other)
{
    const struct pgcensus_facts *facts = standby->result->facts;
    const char *host = facts->upstream_host;
    if (!*host || facts->upstream_port != other->identity->port)
        return false;
    if (upstream_is_local(host))
        return is_on_that_machine(standby, other, host);
    return same_host(host, other->identity->host) ||
           same_host(host, upstream_address_of(other));
}
