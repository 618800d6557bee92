/* What earlier runs saw, for programs that check once and end.
 *
 * A program that stays knows how often in a row a node failed; one that cron starts
 * keeps it in a file.  With it, fall, rise and flap detection work from run to run: a
 * healthy node that misses a check is a warning until it missed `fall` of them, one
 * that was down is down until it answered `rise` times, and one that keeps changing is
 * a warning even while it answers.
 *
 * A file is locked from open to keep, so runs that share it follow one another, and is
 * replaced as a whole.  Nothing that is wrong with it is a failure of the check: it
 * then begins anew, or is left alone, and says why. */
#ifndef PGCENSUS_RECALL_H
#define PGCENSUS_RECALL_H

#include <pgcensus/fleet.h>

struct pgcensus_recall;

/* Waits at most max_wait for a run that has the file, less if stop_fd becomes readable
 * (-1: none).  NULL: no memory. */
struct pgcensus_recall *pgcensus_recall_open(const char *path, nsec max_wait,
                                             int stop_fd,
                                             struct pgcensus_error *ret_error);

/* Why it knows nothing, or will not be kept, for people; NULL if all is well. */
const char *pgcensus_recall_complaint(const struct pgcensus_recall *recall);
/* True if there simply was no file yet, which is how everything begins. */
bool pgcensus_recall_is_new(const struct pgcensus_recall *recall);

/* Adds a whole round, once, before it is judged, replaces the file, and fills in the
 * past of the results; a file that is not ours to replace is left alone, as the
 * complaint has said.  False: it could not be written, and then no result has a past
 * either. */
bool pgcensus_recall_keep(struct pgcensus_recall *recall,
                          const struct pgcensus_fleet *fleet,
                          struct pgcensus_node_result *const *results, size_t n,
                          struct pgcensus_error *ret_error);

/* Unlocks a file that was not kept.  NULL is fine. */
void pgcensus_recall_free(struct pgcensus_recall *recall);

#endif
