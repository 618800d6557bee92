/* Honest lag.
 *
 * Bytes are the difference between two positions and mean what they say.  Seconds do
 * not: a server knows only the time of the last commit that it replayed.  On an idle
 * primary that grows for ever though nothing is missing, so it is 0 once the standby
 * has all that its primary had; and a primary that wakes up would make it hours in a
 * moment, so it is no more than the time since the upstream last spoke, if all that it
 * spoke of is replayed.  (Not if that is a standby: it goes on speaking when it is cut
 * off itself.)  So seconds are a bound, the lowest that is certain; of WAL that comes
 * as files transactions tell whether there is one.
 *
 * Clocks of two servers differ.  Both were compared with ours, so the difference is
 * known and taken out. */
#include "judge/lag.h"

#include "base/clock.h"

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

bool lag_has_timeline(const struct peer *standby)
{
    return standby->result->facts->receiver == PGCENSUS_RECEIVER_STREAMING;
}

bool lag_primary_has_timeline(const struct peer *primary)
{
    return !primary->result->facts->timeline_recorded;
}

enum descent { SAME_TIMELINE, OTHER_TIMELINE, UNTOLD_TIMELINE };

/* WAL of two timelines has positions in common and nothing else.  A standby that
 * streams an earlier one follows another server, the primary of yesterday, say; one
 * that is just changing over is measured in the next round.  Of one that does not
 * stream, or not for us to see, nobody knows, nor of a primary that tells nothing later
 * than its control file. */
static enum descent compare_timelines(const struct peer *standby,
                                      const struct peer *primary)
{
    const struct pgcensus_facts *own = standby->result->facts;
    const struct pgcensus_facts *theirs = primary->result->facts;
    if (!own->timeline || !theirs->timeline || own->timeline == theirs->timeline)
        return SAME_TIMELINE;
    bool is_told = own->timeline > theirs->timeline ? lag_primary_has_timeline(primary)
                                                    : lag_has_timeline(standby);
    return is_told ? OTHER_TIMELINE : UNTOLD_TIMELINE;
}

struct lag_search {
    const struct peer *found;
    size_t n; /* that are as good */
    size_t n_measurable;
    bool elsewhere, untold;
};

static void consider(const struct peer *standby, const struct peer *primary,
                     struct lag_search *search)
{
    if (!company_is_measurable(primary))
        return;
    search->n_measurable++;
    switch (compare_timelines(standby, primary)) {
    case SAME_TIMELINE:
        search->found = primary;
        search->n++;
        break;
    case OTHER_TIMELINE:
        search->elsewhere = true;
        break;
    case UNTOLD_TIMELINE:
        search->untold = true;
        break;
    }
}

static enum pgcensus_lag_reason why_none(const struct company *company,
                                         const struct lag_search *search)
{
    if (search->n > 1)
        return PGCENSUS_LAG_SEVERAL_PRIMARIES;
    if (search->elsewhere)
        return PGCENSUS_LAG_OTHER_TIMELINE;
    if (search->untold)
        return PGCENSUS_LAG_TIMELINE_UNKNOWN;
    if (company->n_hidden > 0)
        return PGCENSUS_LAG_PRIMARY_HIDDEN;
    if (company->n_measurable > search->n_measurable)
        return PGCENSUS_LAG_FOREIGN_CLUSTER;
    return company->n_held > 0 ? PGCENSUS_LAG_MISSED_CHECK : PGCENSUS_LAG_NO_PRIMARY;
}

/* Whether it follows a node that is not its primary; what that is need not be known,
 * because a standby is one also while we cannot ask it. */
static bool cascades(const struct company *company, size_t place,
                     const struct peer *primary)
{
    const size_t *servers = company->servers;
    struct address_search search =
        addresses_search(&company->addresses, &company->peers[place]);
    for (size_t other; address_search_next(&search, &other);)
        if (servers[other] != servers[primary - company->peers])
            return true;
    return false;
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

/* Without a receiver no upstream speaks, and an idle primary writes a record now and
 * then that no file brings: then transactions tell.  If all that had ended on the
 * primary have ended on the standby, nothing that was committed is missing; if one has
 * not, the last commit is as old as it is; between the two it is not known. */
static nsec measure_files(const struct pgcensus_facts *standby,
                          const struct pgcensus_facts *primary, nsec length)
{
    if (!standby->xid_oldest || !standby->xid_next || !primary->xid_next)
        return PGCENSUS_UNKNOWN_TIME;
    if (standby->xid_oldest >= primary->xid_next)
        return 0;
    return standby->xid_next < primary->xid_next ? length : PGCENSUS_UNKNOWN_TIME;
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
    if (standby->receiver == PGCENSUS_RECEIVER_NONE)
        return measure_files(standby, primary, length);
    if (standby->told && standby->told_at && standby->replayed >= standby->told &&
        standby->clock_known && !cascades) {
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

static bool is_missing(const struct pgcensus_facts *facts,
                       enum pgcensus_facts_part part)
{
    return pgcensus_facts_missing(facts, part);
}

/* What was refused is not what has not happened yet. */
static enum pgcensus_lag_reason why_no_time(const struct pgcensus_facts *standby,
                                            const struct pgcensus_facts *primary)
{
    if (lag_refusal(standby) || is_missing(primary, PGCENSUS_PART_CLOCK))
        return PGCENSUS_LAG_REFUSED;
    if (!standby->replayed)
        return PGCENSUS_LAG_NOTHING_REPLAYED;
    return standby->receiver == PGCENSUS_RECEIVER_NONE && standby->last_commit
               ? PGCENSUS_LAG_LOG_SHIPPING
               : PGCENSUS_LAG_NO_COMMIT_REPLAYED;
}

static void measure(const struct company *company, size_t place,
                    const struct lag_search *search, struct pgcensus_lag *lag)
{
    const struct peer *peer = &company->peers[place];
    const struct pgcensus_facts *standby = peer->result->facts;
    const struct pgcensus_facts *primary = search->found->result->facts;
    lag->primary = search->found->result->index;
    lag->skew = skew_of(standby, primary);
    if (lag_is_ahead(peer, search->found)) {
        lag->why = PGCENSUS_LAG_AHEAD;
        return;
    }
    if (!is_missing(standby, PGCENSUS_PART_RECEIVED))
        lag->receive = behind(primary->wal, arrived(standby));
    lag->replay = behind(primary->wal, standby->replayed);
    if (lag->replay >= 0)
        lag->time =
            measure_time(standby, primary, cascades(company, place, search->found));
    if (lag->time == PGCENSUS_UNKNOWN_TIME)
        lag->why = why_no_time(standby, primary);
}

void lag_measure(const struct company *company, size_t place,
                 struct pgcensus_lag *ret_lag)
{
    const struct peer *standby = &company->peers[place];
    const struct run *run = company_run(company, place);
    struct lag_search search = {.found = NULL};
    *ret_lag = (struct pgcensus_lag){
        -1, -1, PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME, NULL, SIZE_MAX};
    if (standby->identity->via_pooler) {
        ret_lag->why = PGCENSUS_LAG_POOLER;
    } else if (!standby->result->facts) {
        ret_lag->why = PGCENSUS_LAG_NO_FACTS;
    } else if (!peer_cluster(standby)) {
        ret_lag->why = PGCENSUS_LAG_HIDDEN;
    } else {
        for (size_t i = 0; i < run->n_primaries; i++)
            consider(standby, &company->peers[run->primaries[i]], &search);
        if (search.n == 1)
            measure(company, place, &search, ret_lag);
        else
            ret_lag->why = why_none(company, &search);
    }
    ret_lag->reason = pgcensus_lag_reason_name(ret_lag->why);
}

/* ---- what is wrong with it ---- */

/* So long after its primary was asked, a standby that does not stream is taken to have
 * got nothing since: a file is filled, archived and fetched first. */
#define TOO_SOON NSEC_PER_SEC

/* A standby that streams has what its primary wrote a moment later, and one that does
 * not may have it seconds later. */
static bool is_certain(const struct pgcensus_facts *standby,
                       const struct pgcensus_facts *primary)
{
    nsec later = standby->sampled + standby->sampled_within - primary->sampled;
    bool is_cut_off = standby->receiver == PGCENSUS_RECEIVER_NONE ||
                      standby->receiver == PGCENSUS_RECEIVER_OTHER;
    return later <= 0 || (is_cut_off && later <= TOO_SOON);
}

bool lag_is_ahead(const struct peer *standby, const struct peer *primary)
{
    const struct pgcensus_facts *own = standby->result->facts;
    const struct pgcensus_facts *theirs = primary->result->facts;
    return own && theirs && theirs->wal && peer_cluster(standby) &&
           peer_cluster(standby) == peer_cluster(primary) &&
           arrived(own) > theirs->wal && is_certain(own, theirs);
}
