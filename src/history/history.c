/* The records of a file, moved by one round.
 *
 * The surprise: the file is replaced before anything is judged.  If a count cannot be
 * kept, a node that is down would be let off as "once in a row" in every run for ever;
 * so without a file that was written there is no past, and down is down. */
#include "history/history.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "fleet/fleet.h"
#include "history/file.h"
#include "history/ledger.h"

#include <stdlib.h>
#include <string.h>

/* What nobody has asked about for so long is no past of anything. */
static const nsec forgotten_after = 30 * 24 * 3600 * NSEC_PER_SEC;

struct pgcensus_history {
    struct history_file file;
    bool may_save, is_new, is_kept;
    struct pgcensus_error complaint; /* TROUBLE_NONE: none */
    struct ledger ledger;
    size_t n_sorted; /* the first of the ledger: those that can be found */
};

AUTO_DEFINE(struct pgcensus_history *, pgcensus_history_free)

/* ---- open ---- */

/* An empty file is one that we have just made. */
static void read_ledger(struct pgcensus_history *history, const struct buf *text)
{
    const char *path = history->file.path;
    struct pgcensus_error *complaint = &history->complaint;
    const enum pgcensus_trouble trouble = PGCENSUS_TROUBLE_OUTPUT;
    history->may_save = true;
    switch (ledger_read(text, &history->ledger)) {
    case LEDGER_OK:
        break;
    case LEDGER_EMPTY:
        history->is_new = true;
        error_set(complaint, trouble, "%s is new: no node has a past yet", path);
        break;
    case LEDGER_TORN:
        error_set(complaint, trouble,
                  "%s is damaged and begins anew: no node has a past", path);
        break;
    case LEDGER_NEWER:
        history->may_save = false;
        error_set(complaint, trouble,
                  "%s was written by a newer pgcensus and is left alone", path);
        break;
    case LEDGER_FOREIGN:
        history->may_save = false;
        error_set(complaint, trouble,
                  "%s is no state file of pgcensus and is left alone", path);
        break;
    case LEDGER_NO_MEMORY:
        history->may_save = false;
        error_memory(complaint);
        break;
    }
}

static void sort(struct pgcensus_history *history)
{
    ledger_sort(&history->ledger);
    history->n_sorted = history->ledger.n;
}

static void load(struct pgcensus_history *history, const char *path, nsec max_wait,
                 int stop_fd)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    if (!history_file_open(&history->file, path, max_wait, stop_fd,
                           &history->complaint) ||
        !history_file_read(&history->file, &text, &history->complaint))
        return;
    read_ledger(history, &text);
    sort(history);
}

struct pgcensus_history *pgcensus_history_open(const char *path, nsec max_wait,
                                               int stop_fd,
                                               struct pgcensus_error *ret_error)
{
    struct pgcensus_history *history = memory_new(struct pgcensus_history);
    if (!history) {
        error_memory(ret_error);
        return NULL;
    }
    history->file = HISTORY_FILE_INIT;
    load(history, path, max_wait, stop_fd);
    return history;
}

const char *pgcensus_history_complaint(const struct pgcensus_history *history)
{
    bool complains = history->complaint.trouble != PGCENSUS_TROUBLE_NONE;
    return complains ? history->complaint.message : NULL;
}

bool pgcensus_history_is_new(const struct pgcensus_history *history)
{
    return history->is_new;
}

void pgcensus_history_free(struct pgcensus_history *history)
{
    if (!history)
        return;
    history_file_close(&history->file);
    ledger_fini(&history->ledger);
    free(history);
}

/* ---- keep ---- */

static int compare_name(const void *name, const void *entry)
{
    const struct record *const *record = entry;
    return strcmp(name, (*record)->name);
}

static struct record *find(const struct pgcensus_history *history, const char *name)
{
    struct record **found = NULL;
    if (history->n_sorted > 0)
        found = bsearch(name, history->ledger.records, history->n_sorted,
                        sizeof(struct record *), compare_name);
    return found ? *found : NULL;
}

/* What another place under the same name did is not this node's past. */
static struct record *find_or_begin(struct pgcensus_history *history,
                                    const struct pgcensus_identity *identity, nsec now)
{
    uint64_t target = record_target(identity);
    struct record *record = find(history, identity->name);
    if (record && record->target == target)
        return record;
    if (!record)
        record = ledger_add(&history->ledger, identity->name, strlen(identity->name));
    if (!record)
        return NULL;
    char *name = record->name;
    *record = (struct record){.name = name, .target = target, .checked = now};
    health_init(&record->health, now);
    return record;
}

static bool note(struct pgcensus_history *history, const struct pgcensus_fleet *fleet,
                 const struct pgcensus_node_result *result, nsec now)
{
    if (result->status == PGCENSUS_DISABLED)
        return true;
    struct record *record =
        find_or_begin(history, pgcensus_fleet_node(fleet, result->index), now);
    if (record)
        record_note(record, fleet_health(fleet, result->index), result, now);
    return record != NULL;
}

static void forget_old(struct ledger *ledger, nsec now)
{
    size_t n = 0;
    for (size_t i = 0; i < ledger->n; i++) {
        struct record *record = ledger->records[i];
        if (now - record->checked <= forgotten_after) {
            ledger->records[n++] = record;
            continue;
        }
        free(record->name);
        free(record);
    }
    ledger->n = n;
}

bool pgcensus_history_keep(struct pgcensus_history *history,
                           const struct pgcensus_fleet *fleet,
                           struct pgcensus_node_result *const *results, size_t n,
                           struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    /* Whole seconds, as the file has them: the same in every run. */
    nsec now = clock_wall() / NSEC_PER_SEC * NSEC_PER_SEC;
    if (!history->may_save)
        return true;
    for (size_t i = 0; i < n; i++)
        if (!note(history, fleet, results[i], now))
            return error_memory(ret_error);
    forget_old(&history->ledger, now);
    sort(history);
    ledger_write(&history->ledger, &text);
    if (text.broken)
        return error_memory(ret_error);
    history->is_kept = history_file_replace(&history->file, &text, ret_error);
    history->may_save = false;
    return history->is_kept;
}

/* ---- judge ---- */

void history_judge(const struct pgcensus_history *history,
                   const struct pgcensus_fleet *fleet,
                   struct pgcensus_node_result *result)
{
    if (!history->is_kept || result->status == PGCENSUS_DISABLED)
        return;
    const struct record *record =
        find(history, pgcensus_fleet_node(fleet, result->index)->name);
    if (record)
        record_judge(record, fleet_health(fleet, result->index), result);
}
