/* The answer of a node to the statement of facts_sql.c → values.
 *
 * What is "" there, or does not look like what we asked for, is unknown here; so is
 * what was refused, and then it is known why. */
#include "fleet/facts.h"

#include "base/clock.h"
#include "base/memory.h"
#include "fleet/facts_private.h"

#include <string.h>

enum { END_OF_PART = 0x1e };

/* False: not as many parts as were asked for. */
static bool cut(const struct pgcensus_rows *rows, unsigned n, struct answer *ret_answer)
{
    if (!rows || rows->n_rows != 1 || rows->n_columns != 1 || !rows->cells[0].text)
        return false;
    const char *text = rows->cells[0].text;
    struct span rest = {text, text + rows->cells[0].len};
    ret_answer->n = n;
    for (unsigned i = 0; i < n; i++) {
        if (span_is_empty(rest) || rest.end[-1] != END_OF_PART)
            return false;
        struct span part = span_take(&rest, END_OF_PART);
        ret_answer->refused[i] = !span_is_empty(part) && *part.at == '!';
        if (ret_answer->refused[i]) {
            ret_answer->why[i] = (struct span){part.at + 1, part.end};
            part.at = part.end;
        }
        ret_answer->parts[i] = part;
    }
    return span_is_empty(rest);
}

/* ---- the parts ---- */

static void read_clock(const struct answer *answer, const struct facts_moment *moment,
                       struct pgcensus_facts *facts)
{
    nsec took = moment->received - moment->sent;
    facts->sampled = moment->sent;
    facts->sampled_within = took;
    facts->server_clock = span_wall(answer->parts[PGCENSUS_PART_CLOCK]);
    facts->started_at = span_wall(answer->parts[PGCENSUS_PART_UPTIME]);
    facts->uptime = PGCENSUS_UNKNOWN_TIME;
    if (!facts->server_clock)
        return;
    facts->clock_known = true;
    facts->clock_uncertainty = took / 2;
    facts->clock_offset = facts->server_clock - (moment->received_wall - took / 2);
    if (facts->started_at && facts->started_at <= facts->server_clock)
        facts->uptime = facts->server_clock - facts->started_at;
}

/* No more than there can be, even if some of what we may not see are workers. */
static void read_connections(const struct answer *answer, struct pgcensus_facts *facts)
{
    struct span part = answer->parts[PGCENSUS_PART_CONNECTIONS];
    int seen = span_count(span_take(&part, '|'));
    int hidden = span_count(span_take(&part, '|'));
    int workers = span_count(span_take(&part, '|'));
    int max = span_count(span_take(&part, '|'));
    facts->connections_max = max;
    facts->connections_reserved = span_count(part);
    facts->connections_own = 1;
    facts->connections_used = facts->connections_least = -1;
    if (seen < 0 || hidden < 0 || hidden > INT32_MAX - seen)
        return;
    int used = seen + hidden;
    int clients = workers >= 0 && hidden > workers ? hidden - workers : 0;
    facts->connections_used = hidden && max >= seen && used > max ? max : used;
    facts->connections_least = seen + clients;
    if (facts->connections_least > facts->connections_used)
        facts->connections_least = facts->connections_used;
}

static uint32_t timeline_of(struct span span)
{
    int64_t timeline = span_number(span, 0);
    return timeline > 0 && timeline <= UINT32_MAX ? (uint32_t)timeline : 0;
}

/* The control file is behind until the next checkpoint, so it has the last word only if
 * it knows a later timeline, or if there is no other. */
static void take_timeline(struct pgcensus_facts *facts, uint32_t current)
{
    facts->timeline_recorded = facts->timeline > current;
    if (!facts->timeline_recorded)
        facts->timeline = current;
}

/* Behind the time of the last commit, which a primary has not. */
static void read_transactions(struct span part, struct pgcensus_facts *facts)
{
    span_take(&part, '|');
    int64_t oldest = span_number(span_take(&part, '|'), 0);
    int64_t next = span_number(part, 0);
    facts->xid_oldest = oldest > 0 ? (uint64_t)oldest : 0;
    facts->xid_next = next > 0 ? (uint64_t)next : 0;
}

static void read_node(const struct answer *answer, struct pgcensus_facts *facts)
{
    struct span identity = answer->parts[PGCENSUS_PART_IDENTITY];
    /* SQL has no unsigned numbers. */
    facts->system_identifier = (uint64_t)span_number(span_take(&identity, '|'), 0);
    facts->timeline = timeline_of(identity);
    take_timeline(facts, timeline_of(answer->parts[PGCENSUS_PART_TIMELINE]));
    facts->wal = span_lsn(answer->parts[PGCENSUS_PART_WAL]);
    read_transactions(answer->parts[PGCENSUS_PART_COMMIT], facts);
    facts->paused = -1;
    facts->apply_delay = PGCENSUS_UNKNOWN_TIME;
}

static enum pgcensus_receiver receiver_of(const struct pgcensus_facts *facts,
                                          struct span pid)
{
    if (span_is_empty(pid))
        return PGCENSUS_RECEIVER_NONE;
    if (!*facts->receiver_status)
        return PGCENSUS_RECEIVER_RUNNING;
    return strcmp(facts->receiver_status, "streaming") == 0
               ? PGCENSUS_RECEIVER_STREAMING
               : PGCENSUS_RECEIVER_OTHER;
}

static void read_receiver(struct span part, struct pgcensus_facts *facts)
{
    struct span pid = span_take(&part, '|');
    span_copy(span_take(&part, '|'), facts->receiver_status,
              sizeof facts->receiver_status);
    span_copy(span_take(&part, '|'), facts->receiver_slot, sizeof facts->receiver_slot);
    take_timeline(facts, timeline_of(span_take(&part, '|')));
    facts->told = span_lsn(span_take(&part, '|'));
    facts->told_at = span_wall(span_take(&part, '|'));
    int port = span_count(span_take(&part, '|'));
    facts->upstream_port = port > 0 && port <= 65535 ? port : 0;
    span_copy(part, facts->upstream_host, sizeof facts->upstream_host);
    facts->receiver = receiver_of(facts, pid);
}

/* A relative of PostgreSQL whose replicas read the same storage: that it has no
 * receiver says nothing about it. */
static bool is_without_streaming(const struct answer *answer)
{
    struct span why = answer->why[PGCENSUS_PART_RECEIVED];
    char sqlstate[6];
    if (!answer->refused[PGCENSUS_PART_RECEIVED])
        return false;
    span_copy(span_take(&why, ' '), sqlstate, sizeof sqlstate);
    return strcmp(sqlstate, "42501") != 0;
}

static void read_replication(const struct answer *answer, struct pgcensus_facts *facts)
{
    struct span pause = answer->parts[PGCENSUS_PART_PAUSE];
    struct span commit = answer->parts[PGCENSUS_PART_COMMIT];
    facts->received = span_lsn(answer->parts[PGCENSUS_PART_RECEIVED]);
    facts->replayed = span_lsn(answer->parts[PGCENSUS_PART_REPLAYED]);
    facts->last_commit = span_wall(span_take(&commit, '|'));
    facts->paused = span_flag(span_take(&pause, '|'));
    facts->apply_delay = span_length(pause);
    if (!answer->refused[PGCENSUS_PART_RECEIVER])
        read_receiver(answer->parts[PGCENSUS_PART_RECEIVER], facts);
    if (facts->receiver == PGCENSUS_RECEIVER_NONE && is_without_streaming(answer))
        facts->receiver = PGCENSUS_RECEIVER_UNKNOWN;
}

static void read_role(const struct answer *answer, struct facts_role *role)
{
    struct span part = answer->parts[PGCENSUS_PART_ROLE];
    int standby = span_flag(span_take(&part, '|'));
    int read_only = span_flag(part);
    if (standby >= 0 && read_only >= 0)
        *role = (struct facts_role){standby, read_only};
}

/* ---- all of it ---- */

static size_t count_refused(const struct answer *answer)
{
    size_t n = 0;
    for (unsigned i = 0; i < answer->n; i++)
        n += answer->refused[i];
    return n;
}

/* Facts and all lists in one piece. */
static struct pgcensus_facts *allocate(const struct answer *answer, int standby)
{
    struct span slots = answer->parts[PGCENSUS_PART_SLOTS];
    struct span senders = answer->parts[PGCENSUS_PART_SENDERS];
    struct list_size n_slots = facts_list_size(slots);
    struct list_size n_senders = facts_list_size(senders);
    struct pgcensus_facts *facts =
        memory_array(1, sizeof *facts + n_slots.kept * sizeof(struct pgcensus_slot) +
                            n_senders.kept * sizeof(struct pgcensus_sender) +
                            count_refused(answer) * sizeof(struct pgcensus_missing));
    if (!facts)
        return NULL;
    struct pgcensus_slot *to_slots = (struct pgcensus_slot *)(facts + 1);
    struct pgcensus_missing *missing =
        (struct pgcensus_missing *)(to_slots + n_slots.kept);
    /* Last, because they are made of characters, and so of any length. */
    struct pgcensus_sender *to_senders =
        (struct pgcensus_sender *)(missing + count_refused(answer));
    facts_read_slots(slots, to_slots, n_slots.kept);
    facts_read_senders(senders, to_senders, n_senders.kept);
    facts_read_missing(answer, standby, missing, &facts->n_missing);
    facts->slots = to_slots;
    facts->senders = to_senders;
    facts->missing = missing;
    facts->n_slots = span_is_empty(slots) ? -1 : (int)n_slots.kept;
    facts->n_senders = span_is_empty(senders) ? -1 : (int)n_senders.kept;
    facts->slots_left_out = (int)n_slots.left_out;
    facts->senders_left_out = (int)n_senders.left_out;
    return facts;
}

struct pgcensus_facts *facts_read(enum pgcensus_facts_level level,
                                  const struct pgcensus_rows *rows,
                                  const struct facts_moment *moment,
                                  struct facts_role *role, const char **ret_why)
{
    bool all = level == PGCENSUS_FACTS_FULL;
    struct answer answer = {0};
    *ret_why = "an answer that does not fit the question";
    if (!cut(rows, all ? PGCENSUS_PARTS : PGCENSUS_PARTS_BASIC, &answer))
        return NULL;
    read_role(&answer, role);
    if (role->standby < 0 && !answer.refused[PGCENSUS_PART_ROLE])
        return NULL;
    *ret_why = "out of memory";
    struct pgcensus_facts *facts = allocate(&answer, role->standby);
    if (!facts)
        return NULL;

    facts->level = level;
    read_node(&answer, facts);
    read_connections(&answer, facts);
    read_clock(&answer, moment, facts);
    if (role->standby != 0)
        read_replication(&answer, facts);
    facts_say_what_is_hidden(facts);
    return facts;
}
