/* The records of a file, moved by one round.
 *
 * The surprise: the file is replaced before anything is judged.  If a count cannot be
 * kept, a node that is down would be let off as "once in a row" in every run for ever;
 * so without a file that was written there is no past, and down is down. */
#include <pgcensus/recall.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "fleet/fleet.h"
#include "recall/ledger.h"
#include "recall/recall_file.h"

#include <stdlib.h>
#include <string.h>

/* What nobody has asked about for so long is no past of anything: that a node was well
 * last week is no reason to let it off today. */
static const nsec forgotten_after = 2 * 24 * 3600 * NSEC_PER_SEC;

struct pgcensus_recall {
    struct recall_file file;
    bool may_save, is_new;
    struct pgcensus_error complaint; /* TROUBLE_NONE: none */
    struct ledger ledger;
    size_t n_sorted; /* the first of the ledger: those that can be found */
};

/* ---- open ---- */

/* An empty file is one that we have just made, or that was made for us; but where a
 * link leads to may be a mistake, and what is there somebody else's. */
static void read_empty(struct pgcensus_recall *recall)
{
    const struct recall_file *file = &recall->file;
    recall->is_new = recall->may_save = !file->by_link;
    error_set(&recall->complaint, PGCENSUS_TROUBLE_OUTPUT,
              file->by_link ? "%s is reached by a symbolic link and empty: it is left "
                              "alone; remove one of them"
                            : "%s is new: no node has a past yet",
              file->path);
}

static void read_ledger(struct pgcensus_recall *recall, const struct buf *text)
{
    const char *path = recall->file.path;
    struct pgcensus_error *complaint = &recall->complaint;
    const enum pgcensus_trouble trouble = PGCENSUS_TROUBLE_OUTPUT;
    recall->may_save = true;
    switch (ledger_read(text, &recall->ledger)) {
    case LEDGER_OK:
        break;
    case LEDGER_EMPTY:
        read_empty(recall);
        break;
    case LEDGER_TORN:
        error_set(complaint, trouble,
                  "%s is damaged and begins anew: no node has a past", path);
        break;
    case LEDGER_NEWER:
        recall->may_save = false;
        error_set(complaint, trouble,
                  "%s was written by a newer pgcensus and is left alone", path);
        break;
    case LEDGER_FOREIGN:
        recall->may_save = false;
        error_set(complaint, trouble,
                  "%s is no state file of pgcensus and is left alone", path);
        break;
    case LEDGER_NO_MEMORY:
        recall->may_save = false;
        error_memory(complaint);
        break;
    }
}

static void sort(struct pgcensus_recall *recall)
{
    ledger_sort(&recall->ledger);
    recall->n_sorted = recall->ledger.n;
}

static void load(struct pgcensus_recall *recall, const char *path, nsec max_wait,
                 int stop_fd)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    if (!recall_file_open(&recall->file, path, max_wait, stop_fd, &recall->complaint) ||
        !recall_file_read(&recall->file, &text, &recall->complaint))
        return;
    read_ledger(recall, &text);
    sort(recall);
}

struct pgcensus_recall *pgcensus_recall_open(const char *path, nsec max_wait,
                                             int stop_fd,
                                             struct pgcensus_error *ret_error)
{
    struct pgcensus_recall *recall = memory_new(struct pgcensus_recall);
    if (!recall) {
        error_memory(ret_error);
        return NULL;
    }
    recall->file = RECALL_FILE_INIT;
    load(recall, path, max_wait, stop_fd);
    return recall;
}

const char *pgcensus_recall_complaint(const struct pgcensus_recall *recall)
{
    bool complains = recall->complaint.trouble != PGCENSUS_TROUBLE_NONE;
    return complains ? recall->complaint.message : NULL;
}

bool pgcensus_recall_is_new(const struct pgcensus_recall *recall)
{
    return recall->is_new;
}

void pgcensus_recall_free(struct pgcensus_recall *recall)
{
    if (!recall)
        return;
    recall_file_close(&recall->file);
    ledger_fini(&recall->ledger);
    free(recall);
}

/* ---- keep ---- */

static int compare_name(const void *name, const void *entry)
{
    const struct record *const *record = entry;
    return strcmp(name, (*record)->name);
}

static struct record *find(const struct pgcensus_recall *recall, const char *name)
{
    struct record **found = NULL;
    if (recall->n_sorted > 0)
        found = bsearch(name, recall->ledger.records, recall->n_sorted,
                        sizeof(struct record *), compare_name);
    return found ? *found : NULL;
}

/* What another place under the same name did is not this node's past. */
static struct record *find_or_begin(struct pgcensus_recall *recall,
                                    const struct pgcensus_identity *identity, nsec now)
{
    uint64_t target = record_target(identity);
    struct record *record = find(recall, identity->name);
    bool is_recent = record && now - record->checked <= forgotten_after;
    if (is_recent && record->target == target)
        return record;
    if (!record)
        record = ledger_add(&recall->ledger, identity->name, strlen(identity->name));
    if (!record)
        return NULL;
    char *name = record->name;
    *record = (struct record){.name = name, .target = target, .checked = now};
    health_init(&record->health, now);
    return record;
}

static bool note(struct pgcensus_recall *recall, const struct pgcensus_fleet *fleet,
                 const struct pgcensus_node_result *result, nsec now)
{
    if (result->status == PGCENSUS_DISABLED)
        return true;
    struct record *record =
        find_or_begin(recall, pgcensus_fleet_node(fleet, result->index), now);
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

/* Results of the round that was kept know what went before. */
static void tell_past(const struct pgcensus_recall *recall,
                      const struct pgcensus_fleet *fleet,
                      struct pgcensus_node_result *result)
{
    const struct record *record = NULL;
    if (result->status != PGCENSUS_DISABLED)
        record = find(recall, pgcensus_fleet_node(fleet, result->index)->name);
    if (record)
        result->past = record_past(record);
}

bool pgcensus_recall_keep(struct pgcensus_recall *recall,
                          const struct pgcensus_fleet *fleet,
                          struct pgcensus_node_result *const *results, size_t n,
                          struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    /* Whole seconds, as the file has them: the same in every run. */
    nsec now = clock_wall() / NSEC_PER_SEC * NSEC_PER_SEC;
    if (!recall->may_save)
        return true;
    for (size_t i = 0; i < n; i++)
        if (!note(recall, fleet, results[i], now))
            return error_memory(ret_error);
    forget_old(&recall->ledger, now);
    sort(recall);
    ledger_write(&recall->ledger, &text);
    if (text.broken)
        return error_memory(ret_error);
    bool is_kept = recall_file_replace(&recall->file, &text, ret_error);
    recall->may_save = false;
    /* Others need not wait for whoever reads what we are going to write. */
    recall_file_close(&recall->file);
    for (size_t i = 0; i < n && is_kept; i++)
        tell_past(recall, fleet, results[i]);
    return is_kept;
}
