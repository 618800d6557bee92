/* Honest lag.
 *
 * Bytes are the difference between two positions and mean what they say.  Seconds do
 * not: a server knows only the time of the last commit that it replayed.  On an idle
 * primary that grows for ever though nothing is missing, so it is 0 once the standby
 * has all that its primary had; and a primary that wakes up would make it hours in a
 * moment, so it is no more than the time since the upstream last spoke, if all that it
 * spoke of is replayed.  (Not if that is a standby: it goes on speaking when it is cut
 * off itself.)  So seconds are a bound, the lowest that is certain.
 *
 * Clocks of two servers differ.  Both were compared with ours, so the difference is
 * known and taken out. */
#include "judge/lag.h"

#include "base/clock.h"
#include "judge/upstream.h"

#include <stddef.h>
#include <stdint.h>

static pgcensus_lsn later(pgcensus_lsn a, pgcensus_lsn b)
{
    return a > b ? a : b;
}

/* After an end of streaming WAL comes from the archive, which is replayed without
 * having been received. */
static pgcensus_lsn arrived(const struct pgcensus_facts *facts)
{
    return later(facts->received, facts->replayed);
}

/* ---- whose standby it is ---- */

/* A pooler answers with whichever server it likes. */
static bool may_be_measured(const struct party *party)
{
    return party->result->facts && !party->identity->via_pooler;
}

/* WAL of two timelines has positions in common and nothing else.  Whoever streams an
 * earlier one follows somebody else, the primary of yesterday, say; a standby that is
 * just changing over is measured in the next round. */
static bool is_comparable(const struct pgcensus_facts *standby,
                          const struct pgcensus_facts *primary)
{
    return !standby->timeline || !primary->timeline ||
           standby->timeline == primary->timeline;
}

struct search {
    const struct party *found;
    size_t n; /* that are as good */
    bool other_cluster, hidden, elsewhere, missed;
    bool cascades; /* it follows another standby that was asked */
};

static void consider(const struct party *standby, const struct party *other,
                     struct search *search)
{
    search->missed |= other->result->held;
    search->cascades |=
        party_is(other, PGCENSUS_STANDBY) && upstream_is(standby, other);
    if (!party_is(other, PGCENSUS_PRIMARY))
        return;
    uint64_t cluster = party_cluster(other);
    if (!may_be_measured(other) || !cluster || !other->result->facts->wal) {
        search->hidden = true;
    } else if (cluster != party_cluster(standby)) {
        search->other_cluster = true;
    } else if (!is_comparable(standby->result->facts, other->result->facts)) {
        search->elsewhere = true;
    } else if (!search->found || !party_is_same_server(search->found, other)) {
        search->found = other;
        search->n++;
    }
}

static const char *why_none(const struct search *search)
{
    if (search->n > 1)
        return "several_primaries";
    if (search->elsewhere)
        return "other_timeline";
    if (search->hidden)
        return "primary_hidden";
    if (search->other_cluster)
        return "foreign_cluster";
    return search->missed ? LAG_MISSED_CHECK : "no_primary";
}

/* ---- how far ---- */

static int64_t behind(pgcensus_lsn primary, pgcensus_lsn standby)
{
    if (!standby)
        return -1;
    return primary > standby ? (int64_t)(primary - standby) : 0;
}

/* From one server's clock to another's, through ours. */
static nsec translate(nsec time, const struct pgcensus_facts *from,
                      const struct pgcensus_facts *to)
{
    return time - from->clock_offset + to->clock_offset;
}

/* It is behind, by however little: that is never 0. */
static nsec since(nsec now, nsec then)
{
    return now - then > NSEC_PER_USEC ? now - then : NSEC_PER_USEC;
}

static nsec measure_time(const struct pgcensus_facts *standby,
                         const struct pgcensus_facts *primary, bool cascades)
{
    nsec now = standby->server_clock, length = PGCENSUS_UNKNOWN_TIME;
    bool clocks = standby->clock_known && primary->clock_known;
    if (standby->replayed >= primary->wal)
        return 0;
    if (standby->last_commit && clocks)
        length = since(translate(now, standby, primary), standby->last_commit);
    if (standby->told && standby->told_at && standby->replayed >= standby->told &&
        !cascades) {
        nsec silence = since(now, standby->told_at);
        if (length == PGCENSUS_UNKNOWN_TIME || silence < length)
            length = silence;
    }
    return length;
}

/* Between the middles of the two questions. */
static nsec skew_of(const struct pgcensus_facts *a, const struct pgcensus_facts *b)
{
    nsec skew =
        (a->sampled + a->sampled_within / 2) - (b->sampled + b->sampled_within / 2);
    return skew < 0 ? -skew : skew;
}

static void measure(const struct party *party, const struct search *search,
                    struct pgcensus_lag *lag)
{
    const struct pgcensus_facts *standby = party->result->facts;
    const struct pgcensus_facts *primary = search->found->result->facts;
    lag->primary = search->found->result->index;
    lag->skew = skew_of(standby, primary);
    if (lag_is_ahead(party, search->found)) {
        lag->reason = "ahead";
        return;
    }
    lag->receive = behind(primary->wal, arrived(standby));
    lag->replay = behind(primary->wal, standby->replayed);
    if (lag->replay < 0) {
        lag->reason = "nothing_replayed";
        return;
    }
    lag->time = measure_time(standby, primary, search->cascades);
    if (lag->time == PGCENSUS_UNKNOWN_TIME)
        lag->reason = "no_commit_replayed";
}

void lag_measure(const struct party *standby, const struct party *others, size_t n,
                 struct pgcensus_lag *ret_lag)
{
    struct search search = {.found = NULL};
    *ret_lag = (struct pgcensus_lag){
        -1, -1, PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME, NULL, SIZE_MAX};
    if (standby->identity->via_pooler) {
        ret_lag->reason = "pooler";
    } else if (!standby->result->facts) {
        ret_lag->reason = "no_facts";
    } else if (!party_cluster(standby)) {
        ret_lag->reason = "hidden";
    } else {
        for (size_t i = 0; i < n; i++)
            consider(standby, &others[i], &search);
        if (search.n == 1)
            measure(standby, &search, ret_lag);
        else
            ret_lag->reason = why_none(&search);
    }
}

/* A standby that streams has what its primary wrote a moment later. */
static bool is_certain(const struct pgcensus_facts *standby,
                       const struct pgcensus_facts *primary)
{
    return primary->sampled >= standby->sampled + standby->sampled_within ||
           standby->receiver == PGCENSUS_RECEIVER_NONE ||
           standby->receiver == PGCENSUS_RECEIVER_OTHER;
}

bool lag_is_ahead(const struct party *standby, const struct party *primary)
{
    const struct pgcensus_facts *own = standby->result->facts;
    const struct pgcensus_facts *theirs = primary->result->facts;
    return own && theirs && theirs->wal && party_cluster(standby) &&
           party_cluster(standby) == party_cluster(primary) &&
           arrived(own) > theirs->wal && is_certain(own, theirs);
}
