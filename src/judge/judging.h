/* A verdict on a group while it is made, for the files that make it. */
#ifndef JUDGE_JUDGING_H
#define JUDGE_JUDGING_H

#include "base/buf.h"
#include "judge/group.h"

struct judging {
    const struct group_question *question;
    struct pgcensus_group_verdict *verdict;
    struct pgcensus_reason *reasons; /* the verdict's, writable */
    size_t cap;
    size_t *primaries, *standbys; /* places in question->parties */
    size_t n_primaries, n_standbys;
    bool no_memory;
};

static inline const struct party *judging_primary(const struct judging *judging,
                                                  size_t i)
{
    return &judging->question->parties[judging->primaries[i]];
}

static inline const struct party *judging_standby(const struct judging *judging,
                                                  size_t i)
{
    return &judging->question->parties[judging->standbys[i]];
}

/* It is meant to be one cluster. */
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

/* What only facts tell: nodes of other clusters, on other timelines, of other
 * versions, and standbys ahead of their primary. */
void judging_clusters(struct judging *judging);

#endif
