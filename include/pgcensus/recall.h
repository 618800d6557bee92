/* The results of earlier runs, for programs that check once and end.
 *
 * A program that stays knows how often in a row a node failed; a program that
 * cron starts keeps that in a file.  With the file, fall, rise and flap
 * detection work from run to run: a healthy node that misses a check is a
 * warning until it has missed `fall` of them, a node that was down stays down
 * until it has answered `rise` times, and a node that keeps changing is a
 * warning even while it answers.
 *
 * A file is locked from open to keep, so runs that share it follow one another,
 * and is replaced as a whole.  A bad file never fails the check: it is begun
 * anew, or left alone, and the complaint says why. */
#ifndef PGCENSUS_RECALL_H
#define PGCENSUS_RECALL_H

#include <pgcensus/fleet.h>

struct pgcensus_recall;

/* Waits at most max_wait for a run that has the file, less if stop_fd becomes readable
 * (-1: none).  NULL: no memory. */
struct pgcensus_recall *pgcensus_recall_open(const char *path, nsec max_wait,
                                             int stop_fd,
                                             struct pgcensus_error *ret_error);

/* Why nothing is remembered, or will not be kept, for people; NULL if all is well. */
const char *pgcensus_recall_complaint(const struct pgcensus_recall *recall);
/* True if there is only a complaint because no file existed yet, as before the
 * first run. */
bool pgcensus_recall_is_new(const struct pgcensus_recall *recall);

/* Adds a whole round, once, before it is judged, replaces the file, and fills
 * in the past of the results.  A file that we must not replace is left alone,
 * as the complaint has said.  False: it could not be written, and then no
 * result has a past either. */
bool pgcensus_recall_keep(struct pgcensus_recall *recall,
                          const struct pgcensus_fleet *fleet,
                          struct pgcensus_node_result *const *results, size_t n,
                          struct pgcensus_error *ret_error);

/* Unlocks a file that was not kept.  NULL is fine. */
void pgcensus_recall_free(struct pgcensus_recall *recall);

#endif
