/* How many connections this process may still open. */
#ifndef FLEET_DESCRIPTORS_H
#define FLEET_DESCRIPTORS_H

/* The soft limit, less what is open, less a reserve for lookups, password files and
 * certificates, which libpq would otherwise misreport as a node's fault.  At least 1:
 * if not even that one can be had, the attempt says so itself. */
unsigned descriptors_free(void);

#endif
