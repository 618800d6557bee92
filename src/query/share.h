/* A limit that many share, max-min fairly: whoever needs less than his share gets all
 * that he needs, and what he leaves is shared by the others.  Pure. */
#ifndef QUERY_SHARE_H
#define QUERY_SHARE_H

#include <stddef.h>
#include <stdint.h>

#define SHARE_NO_LIMIT SIZE_MAX

/* How much each may have of the limit, or all that he needs if that is less: n of them
 * are known to need so much, n_open more may need anything.  So none of them has ever
 * to give back what he has within it, whatever the open ones turn out to need: it only
 * goes up as they become known.  SHARE_NO_LIMIT: all get all. */
size_t share_level(size_t limit, const size_t *needs, size_t n, size_t n_open);

#endif
