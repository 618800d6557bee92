/* A verdict on a group while it is made, for the files that make it. */
#ifndef JUDGE_JUDGING_H
#define JUDGE_JUDGING_H

#include "base/buf.h"
#include "judge/group.h"

struct judging {
    const struct group_question *question;
    const struct company *company; /* the question's */
    struct pgcensus_group_verdict *verdict;
    struct pgcensus_reason *reasons; /* the verdict's, writable */
    size_t cap;
    bool *seen; /* by server, to count each once; cleared by judging_count() */
    bool no_memory;
};

/* It is meant to be one cluster, or as many as it requires primaries. */
static inline bool judging_has_rules(const struct judging *judging)
{
    const struct pgcensus_require *require = &judging->question->require;
    return require->primaries >= 0 || require->standbys >= 0 ||
           require->min_healthy >= 0;
}

/* One more reason; status: how bad it is, OK for a mere remark. */
void judging_add(struct judging *judging, enum pgcensus_status status, const char *code,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same, as part of a rule that has a value and a limit. */
void judging_add_rule(struct judging *judging, const char *code, size_t value,
                      int limit, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same, with the names of those places behind its words. */
void judging_add_names(struct judging *judging, enum pgcensus_status status,
                       const char *code, const char *words, const size_t *places,
                       size_t n);
/* It is not known whether a rule is broken, because of nodes that answered and did not
 * tell their role. */
void judging_add_role_unknown(struct judging *judging, const char *what, size_t n,
                              int required);

/* Servers that have a node of which that is true. */
size_t judging_count(struct judging *judging,
                     bool (*is)(const struct judging *judging, size_t place));
/* Servers of which no node says what it is: each of them may be what is missing. */
size_t judging_count_unseen(struct judging *judging);
/* Servers of which a node answered and none told its role: the same. */
size_t judging_count_roleless(struct judging *judging);

/* How many primaries there are, and of how many clusters. */
void judging_primaries(struct judging *judging);
/* What only facts tell: nodes of other clusters, on other timelines, of other
 * versions, and standbys ahead of their primary. */
void judging_clusters(struct judging *judging);

#endif
