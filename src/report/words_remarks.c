#include "base/quantity.h"
#include "base/text.h"
#include "report/words.h"

#include <string.h>

static void begin_remark(struct buf *buf, size_t start)
{
    if (buf->len > start)
        buf_add_str(buf, "; ");
}

/* It may well be hours until there is a commit, and that is meant so. */
static void add_delay(struct buf *buf, const struct pgcensus_facts *facts)
{
    buf_add_str(buf, " (apply delay ");
    quantity_round_duration(facts->apply_delay, buf);
    buf_add_char(buf, ')');
}

static void add_replay(struct buf *buf, size_t start,
                       const struct pgcensus_node_result *result)
{
    if (result->facts->paused == 1) {
        begin_remark(buf, start);
        buf_add_str(buf, "replay paused");
    }
    if (result->facts->apply_delay > 0 &&
        result->lag.why == PGCENSUS_LAG_NO_COMMIT_REPLAYED) {
        begin_remark(buf, start);
        buf_add_str(buf, "no commit replayed since its start");
        add_delay(buf, result->facts);
    }
}

/* A standby's copy of a slot is never used, and what is lost holds back nothing. */
static bool is_abandoned(const struct pgcensus_slot *slot)
{
    return !slot->active && slot->synced != 1 && slot->retained > 0;
}

/* The one that holds back most, and how many more there are. */
static void add_slots(struct buf *buf, size_t start, const struct pgcensus_facts *facts)
{
    const struct pgcensus_slot *worst = NULL;
    size_t n = 0;
    for (int i = 0; i < facts->n_slots; i++) {
        const struct pgcensus_slot *slot = &facts->slots[i];
        if (!is_abandoned(slot))
            continue;
        n++;
        if (!worst || slot->retained > worst->retained)
            worst = slot;
    }
    if (!worst)
        return;
    begin_remark(buf, start);
    buf_add_format(buf, "inactive slot %s retains ", worst->name);
    add_size(buf, worst->retained);
    if (n > 1)
        buf_add_format(buf, " (and %zu more)", n - 1);
}

void add_remarks(struct buf *buf, const struct pgcensus_node_result *result)
{
    size_t start = buf->len;
    if (!result->facts || result->failed)
        return;
    if (result->role == PGCENSUS_STANDBY)
        add_replay(buf, start, result);
    add_slots(buf, start, result->facts);
}

void add_detail_and_remarks(struct buf *buf, const struct pgcensus_identity *identity,
                            const struct pgcensus_node_result *result,
                            bool with_address)
{
    AUTO(buf_fini) struct buf remarks = BUF_INIT;
    size_t start = buf->len;
    add_detail(buf, identity, result, with_address);
    add_remarks(&remarks, result);
    buf->broken |= remarks.broken;
    if (buf->broken || remarks.len == 0 || strstr(buf->bytes + start, remarks.bytes))
        return;
    begin_remark(buf, start);
    text_add_safe_str(buf, remarks.bytes);
}
