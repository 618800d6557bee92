/* Reading facts, from inside, for facts.c, facts_lists.c and facts_words.c. */
#ifndef FLEET_FACTS_PRIVATE_H
#define FLEET_FACTS_PRIVATE_H

#include "fleet/facts.h"

/* A piece of the answer; nothing behind end is looked at. */
struct span {
    const char *at, *end;
};

/* What is in front of the next `stop`; rest is what is behind it. */
struct span span_take(struct span *rest, char stop);

bool span_is_empty(struct span span);
/* Made safe; what does not fit is cut. */
void span_copy(struct span span, char *to, size_t size);
/* Decimal digits, perhaps with a sign; `unknown` for anything else. */
int64_t span_number(struct span span, int64_t unknown);
/* 0 or more that fits an int; -1. */
int span_count(struct span span);
/* 1, 0; -1. */
int span_flag(struct span span);
/* "16/B374D848", also with leading zeros; 0. */
pgcensus_lsn span_lsn(struct span span);
/* Microseconds since 1970 → nanoseconds; 0 if it is none of our centuries. */
nsec span_wall(struct span span);
/* Microseconds, a length; PGCENSUS_UNKNOWN_TIME. */
nsec span_length(struct span span);

/* The answer to the statement, cut into its parts. */
struct answer {
    unsigned n;                        /* of parts that were asked for */
    struct span parts[PGCENSUS_PARTS]; /* "" where the server refused it */
    bool refused[PGCENSUS_PARTS];
    struct span why[PGCENSUS_PARTS]; /* SQLSTATE, blank, message */
};

/* How many lines of a list are there, and how many of them fit. */
struct list_size {
    size_t kept, left_out;
};

struct list_size facts_list_size(struct span list);
/* As many as are kept; slots are sorted by name. */
void facts_read_slots(struct span list, struct pgcensus_slot *slots, size_t n);
void facts_read_senders(struct span list, struct pgcensus_sender *senders, size_t n);

/* Whether a node of that role can have the part. */
bool facts_can_have(enum pgcensus_facts_part part, int standby);
void facts_read_missing(const struct answer *answer, int standby,
                        struct pgcensus_missing *missing, size_t *ret_n);
/* facts->hidden, from the rest of it. */
void facts_say_what_is_hidden(struct pgcensus_facts *facts);

#endif
