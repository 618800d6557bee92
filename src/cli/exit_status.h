/* What the process exits with.  Pure. */
#ifndef CLI_EXIT_STATUS_H
#define CLI_EXIT_STATUS_H

#include "report/check.h"
#include "report/query.h"

#include <signal.h>

enum exit_status {
    EXIT_GOOD = 0,
    EXIT_WARNED = 1,
    EXIT_BAD = 2,
    EXIT_NOT_JUDGED = 3,  /* also: usage, configuration, output, our own errors */
    EXIT_BY_SIGNAL = 128, /* plus its number */
    /* The reader of lines has left.  We exit with what a shell reports of SIGPIPE and
     * do not die of it, so a parent that is no shell sees the same number. */
    EXIT_READER_LEFT = EXIT_BY_SIGNAL + SIGPIPE,
};

enum fail_on { FAIL_ON_WARN, FAIL_ON_DOWN, FAIL_ON_NEVER };

enum quorum { QUORUM_NONE, QUORUM_COUNT, QUORUM_SHARE };

/* How health becomes an exit status. */
struct exit_rule {
    enum fail_on fail_on;
    enum quorum quorum; /* with one, only it decides */
    unsigned count;
    double share; /* of the nodes that are not disabled */
};

/* groups: the worst verdict on one; DISABLED: there is none. */
int exit_status_of_check(const struct exit_rule *rule,
                         const struct check_summary *summary,
                         enum pgcensus_status groups);

/* The same of a query; differ: answers were compared, and differences are to count. */
int exit_status_of_query(const struct exit_rule *rule,
                         const struct query_summary *summary, bool differ);
/* "ok", "partial", "failed": what a document calls it. */
const char *query_status_word(const struct query_summary *summary);

#endif
