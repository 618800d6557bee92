/* The answer of a node to the statement of facts_sql.c → values.
 *
 * What is NULL there, or does not look like what we asked for, is unknown here.  A
 * server says what it likes: nothing of it is trusted to be a number, to be short, or
 * to be text for people. */
#include "fleet/facts.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct answer {
    const struct pgcensus_cell *cells;
};

/* NULL: unknown. */
static const char *text_of(const struct answer *answer, enum fact fact)
{
    return answer->cells[fact].text;
}

static void copy_word(const struct answer *answer, enum fact fact, char *to,
                      size_t size)
{
    const struct pgcensus_cell *cell = &answer->cells[fact];
    if (cell->text)
        text_copy_safe(to, size, cell->text, cell->len);
}

/* Decimal digits, perhaps with a sign; false for anything else. */
static bool read_number(const char *text, int64_t *ret_number)
{
    char *end;
    if (!text || !*text || strspn(text, "-0123456789") != strlen(text))
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end)
        return false;
    *ret_number = number;
    return true;
}

static int64_t number_of(const struct answer *answer, enum fact fact, int64_t unknown)
{
    int64_t number;
    return read_number(text_of(answer, fact), &number) ? number : unknown;
}

static int count_of(const struct answer *answer, enum fact fact)
{
    int64_t count = number_of(answer, fact, -1);
    return count >= 0 && count <= INT32_MAX ? (int)count : -1;
}

/* Microseconds since 1970 → nanoseconds; 0 if it is none of our centuries. */
static nsec wall_of(int64_t time)
{
    return time > 0 && time < INT64_MAX / NSEC_PER_USEC ? time * NSEC_PER_USEC : 0;
}

static nsec time_of(const struct answer *answer, enum fact fact)
{
    return wall_of(number_of(answer, fact, 0));
}

/* "16/B374D848" */
static pgcensus_lsn lsn_of(const struct answer *answer, enum fact fact)
{
    const char *text = text_of(answer, fact);
    unsigned high, low;
    int length = 0;
    if (!text || sscanf(text, "%8x/%8x%n", &high, &low, &length) != 2 || text[length])
        return 0;
    return (uint64_t)high << 32 | low;
}

static bool read_bool(const char *text, bool *ret_value)
{
    if (!text)
        return false;
    *ret_value = !strcmp(text, "t") || !strcmp(text, "true") || !strcmp(text, "on");
    return *ret_value || !strcmp(text, "f") || !strcmp(text, "false") ||
           !strcmp(text, "off");
}

/* ---- the parts ---- */

static void read_clock(const struct answer *answer, const struct facts_moment *moment,
                       struct pgcensus_facts *facts)
{
    nsec took = moment->received - moment->sent;
    facts->sampled = moment->sent;
    facts->sampled_within = took;
    facts->server_clock = time_of(answer, FACT_CLOCK);
    facts->started_at = time_of(answer, FACT_STARTED_AT);
    facts->uptime = PGCENSUS_UNKNOWN_TIME;
    if (!facts->server_clock)
        return;
    facts->clock_known = true;
    facts->clock_uncertainty = took / 2;
    facts->clock_offset = facts->server_clock - (moment->received_wall - took / 2);
    if (facts->started_at && facts->started_at <= facts->server_clock)
        facts->uptime = facts->server_clock - facts->started_at;
}

static enum pgcensus_receiver receiver_of(const struct pgcensus_facts *facts,
                                          bool is_there)
{
    if (!is_there)
        return PGCENSUS_RECEIVER_NONE;
    if (!*facts->receiver_status)
        return PGCENSUS_RECEIVER_RUNNING;
    return strcmp(facts->receiver_status, "streaming") == 0
               ? PGCENSUS_RECEIVER_STREAMING
               : PGCENSUS_RECEIVER_OTHER;
}

/* Microseconds again, but a length. */
static nsec length_of(const struct answer *answer, enum fact fact)
{
    int64_t length = number_of(answer, fact, -1);
    return length >= 0 && length < INT64_MAX / NSEC_PER_USEC ? length * NSEC_PER_USEC
                                                             : PGCENSUS_UNKNOWN_TIME;
}

static void read_replication(const struct answer *answer, struct pgcensus_facts *facts)
{
    bool paused;
    int64_t port = number_of(answer, FACT_UPSTREAM_PORT, 0);
    facts->received = lsn_of(answer, FACT_RECEIVED);
    facts->replayed = lsn_of(answer, FACT_REPLAYED);
    facts->last_commit = time_of(answer, FACT_LAST_COMMIT);
    facts->told = lsn_of(answer, FACT_TOLD);
    facts->told_at = time_of(answer, FACT_TOLD_AT);
    facts->paused = read_bool(text_of(answer, FACT_PAUSED), &paused) ? paused : -1;
    copy_word(answer, FACT_RECEIVER_STATUS, facts->receiver_status,
              sizeof facts->receiver_status);
    copy_word(answer, FACT_UPSTREAM_HOST, facts->upstream_host,
              sizeof facts->upstream_host);
    facts->upstream_port = port > 0 && port <= 65535 ? (int)port : 0;
    copy_word(answer, FACT_RECEIVER_SLOT, facts->receiver_slot,
              sizeof facts->receiver_slot);
    facts->apply_delay = length_of(answer, FACT_APPLY_DELAY);
    facts->receiver = receiver_of(facts, text_of(answer, FACT_RECEIVER_PID));
}

/* No more than there can be, even if some of what we may not see are workers. */
static void read_connections(const struct answer *answer, struct pgcensus_facts *facts)
{
    int seen = count_of(answer, FACT_CONNECTIONS);
    int hidden = count_of(answer, FACT_HIDDEN_BACKENDS);
    int workers = count_of(answer, FACT_MAX_WORKERS);
    int max = count_of(answer, FACT_MAX_CONNECTIONS);
    facts->connections_max = max;
    facts->connections_reserved = count_of(answer, FACT_RESERVED_CONNECTIONS);
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

static void read_node(const struct answer *answer, struct pgcensus_facts *facts)
{
    int64_t identifier = number_of(answer, FACT_SYSTEM_IDENTIFIER, 0);
    int64_t timeline = number_of(answer, FACT_TIMELINE, 0);
    facts->system_identifier = identifier > 0 ? (uint64_t)identifier : 0;
    facts->timeline = timeline > 0 && timeline <= UINT32_MAX ? (uint32_t)timeline : 0;
    facts->wal = lsn_of(answer, FACT_WAL);
    facts->paused = -1;
    facts->apply_delay = PGCENSUS_UNKNOWN_TIME;
}

/* ---- lines ---- */

static int count_lines(const char *text)
{
    int n = *text != '\0';
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* The next word of a line, made safe; "-" is nothing.  Returns where the next one
 * begins. */
static const char *take_word(const char *at, const char *end, char *to, size_t size)
{
    const char *blank = memchr(at, ' ', (size_t)(end - at));
    const char *stop = blank ? blank : end;
    if (stop - at != 1 || *at != '-')
        text_copy_safe(to, size, at, (size_t)(stop - at));
    return blank ? blank + 1 : end;
}

/* A word that says yes or no, or neither. */
static const char *take_flag(const char *at, const char *end, int8_t *ret_flag)
{
    char word[8] = "";
    bool flag;
    at = take_word(at, end, word, sizeof word);
    *ret_flag = read_bool(word, &flag) ? flag : -1;
    return at;
}

static const char *take_number(const char *at, const char *end, int64_t *ret_number)
{
    char word[24] = "";
    at = take_word(at, end, word, sizeof word);
    if (!read_number(word, ret_number) || *ret_number < 0)
        *ret_number = -1;
    return at;
}

static void read_slot(const char *at, const char *end, struct pgcensus_slot *slot)
{
    int8_t active;
    int64_t since;
    at = take_word(at, end, slot->type, sizeof slot->type);
    at = take_flag(at, end, &active);
    at = take_number(at, end, &slot->retained);
    at = take_word(at, end, slot->wal_status, sizeof slot->wal_status);
    at = take_flag(at, end, &slot->synced);
    at = take_flag(at, end, &slot->failover);
    at = take_flag(at, end, &slot->conflicting);
    at =
        take_word(at, end, slot->invalidation_reason, sizeof slot->invalidation_reason);
    at = take_number(at, end, &since);
    text_copy_safe(slot->name, sizeof slot->name, at, (size_t)(end - at));
    slot->active = active > 0;
    slot->inactive_since = wall_of(since);
    if (strcmp(slot->wal_status, "lost") == 0 || *slot->invalidation_reason)
        slot->retained = -1;
}

static void read_sender(const char *at, const char *end, struct pgcensus_sender *sender)
{
    at = take_word(at, end, sender->state, sizeof sender->state);
    at = take_word(at, end, sender->address, sizeof sender->address);
    at = take_word(at, end, sender->slot, sizeof sender->slot);
    text_copy_safe(sender->application, sizeof sender->application, at,
                   (size_t)(end - at));
}

static const char *end_of_line(const char *at)
{
    return at + strcspn(at, "\n");
}

static void read_lists(const char *slots, struct pgcensus_slot *to_slots,
                       const char *senders, struct pgcensus_sender *to_senders)
{
    for (const char *at = slots, *end; *at; at = end + (*end != '\0')) {
        end = end_of_line(at);
        read_slot(at, end, to_slots++);
    }
    for (const char *at = senders, *end; *at; at = end + (*end != '\0')) {
        end = end_of_line(at);
        read_sender(at, end, to_senders++);
    }
}

/* Facts and both lists in one piece. */
static struct pgcensus_facts *allocate(const char *slots, const char *senders)
{
    size_t n_slots = (size_t)count_lines(slots);
    size_t n_senders = (size_t)count_lines(senders);
    struct pgcensus_facts *facts =
        memory_array(1, sizeof *facts + n_slots * sizeof(struct pgcensus_slot) +
                            n_senders * sizeof(struct pgcensus_sender));
    if (!facts)
        return NULL;
    struct pgcensus_slot *to_slots = (struct pgcensus_slot *)(facts + 1);
    struct pgcensus_sender *to_senders = (struct pgcensus_sender *)(to_slots + n_slots);
    read_lists(slots, to_slots, senders, to_senders);
    facts->slots = to_slots;
    facts->senders = to_senders;
    facts->n_slots = (int)n_slots;
    facts->n_senders = (int)n_senders;
    return facts;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* What would have to be there; "" if nothing is missing. */
static const char *what_gap_takes(enum facts_gap gap)
{
    switch (gap) {
    case FACTS_WHOLE:
        return "";
    case FACTS_REFUSED:
        return "EXECUTE on pg_control_system(), pg_control_checkpoint() and "
               "pg_control_recovery()";
    case FACTS_LACKING:
        return "functions that the server does not have";
    }
    return "";
}

/* A primary tells its timeline all the same. */
static void say_what_is_hidden(enum facts_gap gap, struct pgcensus_facts *facts)
{
    static const char identifier[] = "the system identifier takes ";
    static const char timeline[] = "the system identifier and the timeline take ";
    static const char receiver[] =
        "what the WAL receiver does is shown to members of pg_monitor only";
    bool is_left_out = gap != FACTS_WHOLE;
    bool is_shy = facts->receiver == PGCENSUS_RECEIVER_RUNNING;
    const char *what = facts->timeline ? identifier : timeline;
    snprintf(facts->hidden, sizeof facts->hidden, "%s%s%s%s", is_left_out ? what : "",
             what_gap_takes(gap), is_left_out && is_shy ? "; " : "",
             is_shy ? receiver : "");
}

/* ---- all of it ---- */

struct pgcensus_facts *facts_read(enum pgcensus_facts_level level, enum facts_gap gap,
                                  const struct pgcensus_rows *rows,
                                  const struct facts_moment *moment, bool *ret_standby,
                                  bool *ret_read_only, const char **ret_why)
{
    bool all = level == PGCENSUS_FACTS_FULL;
    size_t n_columns = all ? FACTS_FULL : FACTS_BASIC;
    bool standby, read_only;

    *ret_why = "an answer that does not fit the question";
    if (!rows || rows->n_rows != 1 || rows->n_columns != n_columns)
        return NULL;
    struct answer answer = {rows->cells};
    if (!read_bool(text_of(&answer, FACT_STANDBY), &standby) ||
        !read_bool(text_of(&answer, FACT_READ_ONLY), &read_only))
        return NULL;
    *ret_why = "out of memory";
    struct pgcensus_facts *facts =
        all ? allocate(or_empty(text_of(&answer, FACT_SLOTS)),
                       or_empty(text_of(&answer, FACT_SENDERS)))
            : allocate("", "");
    if (!facts)
        return NULL;

    facts->level = level;
    if (!all)
        facts->n_slots = facts->n_senders = -1;
    read_node(&answer, facts);
    read_connections(&answer, facts);
    read_clock(&answer, moment, facts);
    if (standby)
        read_replication(&answer, facts);
    say_what_is_hidden(gap, facts);
    *ret_standby = standby;
    *ret_read_only = read_only;
    return facts;
}
