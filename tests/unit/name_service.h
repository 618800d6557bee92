/* A name service of our own, which can be silent, wrong or short of memory at will. For
 * programs linked with --wrap=getaddrinfo.
 *
 * The first letter of a name says what comes of it: one address, several, many, hangs
 * until the gate opens; again, y-system, z-memory fail in those ways, all others do not
 * exist.  "localhost" and names under .invalid go to the real one. */
#ifndef UNIT_NAME_SERVICE_H
#define UNIT_NAME_SERVICE_H

#include <semaphore.h>
#include <stdatomic.h>

extern atomic_uint service_calls, service_inside;
extern sem_t service_gate;

#endif
