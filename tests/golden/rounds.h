/* Rounds of checks that never took place, for the reports to print. */
#ifndef GOLDEN_ROUNDS_H
#define GOLDEN_ROUNDS_H

#include "report/check.h"

/* The one of the mock-ups: five nodes, one warns, one is down. */
struct check_document round_of_five(void);
/* All that is strange: sockets, IPv6, hostile bytes, long names, nodes that were not
 * asked, not reached, not known. */
struct check_document round_of_odd_ones(void);
/* A thousand nodes, of which a few dozen have problems of four kinds. */
struct check_document round_of_a_thousand(void);
/* Eighty nodes with eighty problems. */
struct check_document round_of_eighty_problems(void);
/* Three nodes without a problem, one of them disabled. */
struct check_document round_without_problems(void);
/* Facts, lag, limits, groups, and bytes that would break what monitors read. */
struct check_document round_for_monitors(void);

/* Their identities. */
const struct pgcensus_identity *const *
identities_of(const struct check_document *document, size_t *ret_n);

#endif
