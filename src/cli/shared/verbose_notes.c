#include "cli/shared/verbose_notes.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/term/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void notes_on_environment(const char *variables)
{
    say("note: ignored, because it would hold for every node: %s in the environment",
        variables);
}

void notes_on_libpq(void)
{
    const char *warning = pgcensus_libpq_warning();
    if (warning)
        say("note: %s", warning);
}

/* The nodes that one note is about; without memory for their names it is not said. */
struct subjects {
    const struct pgcensus_fleet *fleet;
    const char **names;
    size_t n;
};

static struct subjects subjects_new(const struct pgcensus_fleet *fleet, size_t most)
{
    return (struct subjects){fleet, memory_array(most, sizeof(char *)), 0};
}

static void add_subject(struct subjects *subjects, bool concerned, size_t index)
{
    if (concerned && subjects->names)
        subjects->names[subjects->n++] =
            pgcensus_fleet_node(subjects->fleet, index)->name;
}

static void say_note(struct subjects *subjects, const char *text)
{
    AUTO(buf_fini) struct buf folded = BUF_INIT;
    if (subjects->n > 0) {
        text_add_folded(&folded, subjects->names, subjects->n);
        say("note: %s: %s", folded.bytes, text);
    }
    free(subjects->names);
}

/* A tenth of a second is exact enough: the number explains, it is not computed with. */
static void note_lost_time(const struct pgcensus_fleet *fleet)
{
    nsec lost = pgcensus_fleet_lost(fleet);
    if (lost > 0)
        say("note: this program stood still for %.1f s while it waited (it was "
            "stopped, "
            "or its machine was); that time is charged to no node",
            (double)lost / NSEC_PER_SEC);
}

static const char as_superuser[] =
    "we log in as a superuser there; a role with pg_monitor is enough";

/* ---- facts ---- */

static const char *what_is_missing(const struct pgcensus_node_result *result)
{
    return result->facts ? result->facts->hidden : result->facts_reason;
}

static int compare_missing(const void *a, const void *b)
{
    const struct pgcensus_node_result *const *one = a, *const *other = b;
    int order = strcmp(what_is_missing(*one), what_is_missing(*other));
    return order ? order : ((*one)->index > (*other)->index) * 2 - 1;
}

/* One note for all nodes that miss the same facts for the same reason. */
static void note_missing(const struct pgcensus_fleet *fleet,
                         const struct pgcensus_node_result *const *some, size_t n)
{
    struct subjects subjects = subjects_new(fleet, n);
    char text[320];
    for (size_t i = 0; i < n; i++)
        add_subject(&subjects, true, some[i]->index);
    snprintf(text, sizeof text, "%s: %s",
             some[0]->facts ? "facts are missing" : "no facts",
             what_is_missing(some[0]));
    say_note(&subjects, text);
}

/* Silence would be read as "there are none of these". */
static void notes_on_facts(const struct pgcensus_fleet *fleet,
                           const struct pgcensus_node_result *const *results, size_t n)
{
    AUTO(free)
    const struct pgcensus_node_result **some = memory_array(n, sizeof(void *));
    size_t n_some = 0;
    for (size_t i = 0; some && i < n; i++)
        if (*what_is_missing(results[i]))
            some[n_some++] = results[i];
    if (n_some == 0)
        return;
    qsort(some, n_some, sizeof *some, compare_missing);
    for (size_t i = 0, end; i < n_some; i = end) {
        for (end = i + 1; end < n_some; end++)
            if (strcmp(what_is_missing(some[i]), what_is_missing(some[end])))
                break;
        note_missing(fleet, some + i, end - i);
    }
}

/* ---- both ---- */

void notes_on_results(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_node_result *const *results, size_t n)
{
    struct subjects superusers = subjects_new(fleet, n), md5 = subjects_new(fleet, n);
    for (size_t i = 0; i < n; i++) {
        add_subject(&superusers, results[i]->superuser, results[i]->index);
        add_subject(&md5, results[i]->md5_login, results[i]->index);
    }
    note_lost_time(fleet);
    say_note(&superusers, as_superuser);
    say_note(&md5, "the password is stored as MD5 there; SCRAM-SHA-256 is safer");
    notes_on_facts(fleet, results, n);
}

void notes_on_answers(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_query_result *const *results, size_t n)
{
    struct subjects superusers = subjects_new(fleet, n);
    for (size_t i = 0; i < n; i++)
        add_subject(&superusers, results[i]->superuser, results[i]->index);
    note_lost_time(fleet);
    say_note(&superusers, as_superuser);
}
