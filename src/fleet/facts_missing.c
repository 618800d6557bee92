/* Parts that are not there, and why, in the words of the server. */
#include "fleet/facts_private.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool facts_can_have(enum pgcensus_facts_part part, int standby)
{
    switch (part) {
    case PGCENSUS_PART_TIMELINE:
    case PGCENSUS_PART_WAL:
        return standby != 1;
    case PGCENSUS_PART_RECEIVED:
    case PGCENSUS_PART_REPLAYED:
    case PGCENSUS_PART_COMMIT:
    case PGCENSUS_PART_PAUSE:
    case PGCENSUS_PART_RECEIVER:
        return standby != 0;
    case PGCENSUS_PART_ROLE:
    case PGCENSUS_PART_CLOCK:
    case PGCENSUS_PART_UPTIME:
    case PGCENSUS_PART_CONNECTIONS:
    case PGCENSUS_PART_IDENTITY:
    case PGCENSUS_PART_SLOTS:
    case PGCENSUS_PART_SENDERS:
    case PGCENSUS_PARTS:
        return true;
    }
    return true;
}

void facts_read_missing(const struct answer *answer, int standby,
                        struct pgcensus_missing *missing, size_t *ret_n)
{
    size_t n = 0;
    for (unsigned i = 0; i < answer->n; i++) {
        enum pgcensus_facts_part part = (enum pgcensus_facts_part)i;
        struct span why = answer->why[i];
        if (!answer->refused[i] || !facts_can_have(part, standby))
            continue;
        missing[n].part = part;
        span_copy(span_take(&why, ' '), missing[n].sqlstate,
                  sizeof missing[n].sqlstate);
        span_copy(why, missing[n].message, sizeof missing[n].message);
        n++;
    }
    *ret_n = n;
}

const struct pgcensus_missing *
pgcensus_facts_missing(const struct pgcensus_facts *facts,
                       enum pgcensus_facts_part part)
{
    for (size_t i = 0; i < facts->n_missing; i++)
        if (facts->missing[i].part == part)
            return &facts->missing[i];
    return NULL;
}

/* ---- for people ---- */

/* What would have to be there is more useful than the function that was refused
 * first. */
static bool is_of_control_file(const struct pgcensus_missing *missing)
{
    return missing->part == PGCENSUS_PART_IDENTITY &&
           (!strcmp(missing->sqlstate, "42501") || !strcmp(missing->sqlstate, "42883"));
}

static void say_control_file(const struct pgcensus_missing *missing, bool has_timeline,
                             char *to, size_t size)
{
    bool is_refused = strcmp(missing->sqlstate, "42501") == 0;
    snprintf(to, size, "the system identifier%s %s",
             has_timeline ? " takes" : " and the timeline take",
             is_refused ? "EXECUTE on pg_control_system(), pg_control_checkpoint() and "
                          "pg_control_recovery()"
                        : "functions that the server does not have");
}

static void add(struct pgcensus_facts *facts, const char *words)
{
    char all[2 * sizeof facts->hidden + sizeof "; "];
    snprintf(all, sizeof all, "%s%s%s", facts->hidden, *facts->hidden ? "; " : "",
             words);
    text_copy(facts->hidden, sizeof facts->hidden, all);
}

/* Two parts that were refused for one reason are one thing to read. */
static bool was_said(const struct pgcensus_facts *facts, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (!strcmp(facts->missing[j].message, facts->missing[i].message))
            return true;
    return false;
}

/* Its program and its slot are told to every role. */
static bool hides_a_sender(const struct pgcensus_facts *facts)
{
    for (int i = 0; i < facts->n_senders; i++)
        if (!*facts->senders[i].state)
            return true;
    return false;
}

void facts_say_what_is_hidden(struct pgcensus_facts *facts)
{
    char words[sizeof facts->hidden];
    for (size_t i = 0; i < facts->n_missing; i++) {
        const struct pgcensus_missing *missing = &facts->missing[i];
        if (is_of_control_file(missing))
            say_control_file(missing, facts->timeline, words, sizeof words);
        else if (was_said(facts, i))
            continue;
        else
            snprintf(words, sizeof words, "%s: %s",
                     pgcensus_facts_part_name(missing->part), missing->message);
        add(facts, words);
    }
    if (facts->receiver == PGCENSUS_RECEIVER_RUNNING)
        add(facts, "what the WAL receiver does is shown to members of pg_monitor only");
    if (hides_a_sender(facts))
        add(facts, "what WAL senders do, and for whom, is shown to members of "
                   "pg_monitor only");
}
