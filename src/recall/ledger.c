/* Fields with tabs between them, so that it can be read with eyes and cut:
 *
 *   pgcensus-state 1
 *   pg-a  HASH  healthy  SINCE  FAILURES  SUCCESSES  CHECKED  CHECKS  FAILED  FLAPPING
 *   end 1
 *
 * Times are seconds since 1970; HASH and FAILED (the bits of flap.h) are hexadecimal.
 * In a name %XX stands for what would break the line.
 *
 * The surprise: every line is believed or none.  Half of a past would make a node look
 * better or worse than it is. */
#include "recall/ledger.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>

enum { VERSION = 1, FIELDS = 10 };

static const char magic[] = "pgcensus-state ";

void ledger_fini(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n; i++) {
        free(ledger->records[i]->name);
        free(ledger->records[i]);
    }
    free(ledger->records);
    *ledger = (struct ledger){.n = 0};
}

struct record *ledger_add(struct ledger *ledger, const char *name, size_t length)
{
    if (!memory_grow(&ledger->records, &ledger->cap, ledger->n,
                     sizeof *ledger->records))
        return NULL;
    AUTO(free) struct record *record = memory_new(struct record);
    if (!record)
        return NULL;
    record->name = strndup(name, length);
    if (!record->name)
        return NULL;
    ledger->records[ledger->n++] = record;
    return take_ptr(record);
}

static int compare(const void *a, const void *b)
{
    const struct record *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

void ledger_sort(struct ledger *ledger)
{
    if (ledger->n > 1)
        qsort(ledger->records, ledger->n, sizeof(struct record *), compare);
}

/* ---- names ---- */

static void write_name(const char *name, struct buf *out)
{
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        if (*c <= ' ' || *c == '%' || *c == 0x7f)
            buf_add_format(out, "%%%02X", *c);
        else
            buf_add_char(out, (char)*c);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place; false: no name that we wrote. */
static bool read_name(char *name)
{
    char *to = name;
    for (const char *from = name; *from; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0 || (high | low) == 0)
            return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return to > name;
}

/* ---- one line ---- */

static void write_record(const struct record *record, struct buf *out)
{
    const struct health *health = &record->health;
    write_name(record->name, out);
    buf_add_format(out, "\t%016" PRIx64 "\t%s\t%" PRId64 "\t%u\t%u\t%" PRId64,
                   record->target, pgcensus_state_name(health->state),
                   health->since / NSEC_PER_SEC, health->failures, health->successes,
                   record->checked / NSEC_PER_SEC);
    buf_add_format(out, "\t%u\t%" PRIx32 "\t%d\n", record->flap.n, record->flap.failed,
                   record->flap.flapping);
}

static bool read_number(const char *text, int base, uint64_t max, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    if (*text == '-' || *text == '+' || *text == ' ' || *text == '\0')
        return false;
    unsigned long long number = strtoull(text, &end, base);
    *ret_number = number;
    return *end == '\0' && errno == 0 && number <= max;
}

static bool read_time(const char *text, nsec *ret_time)
{
    uint64_t seconds;
    if (!read_number(text, 10, INT64_MAX / NSEC_PER_SEC, &seconds))
        return false;
    *ret_time = (nsec)seconds * NSEC_PER_SEC;
    return true;
}

static bool read_count(const char *text, unsigned max, unsigned *ret_count)
{
    uint64_t count;
    if (!read_number(text, 10, max, &count))
        return false;
    *ret_count = (unsigned)count;
    return true;
}

/* Only the states that a check by hand can leave behind. */
static bool read_state(const char *text, enum pgcensus_state *ret_state)
{
    static const enum pgcensus_state states[] = {PGCENSUS_CONNECTING, PGCENSUS_HEALTHY,
                                                 PGCENSUS_UNHEALTHY,
                                                 PGCENSUS_RECONNECTING};
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        *ret_state = states[i];
        if (strcmp(text, pgcensus_state_name(states[i])) == 0)
            return true;
    }
    return false;
}

/* Splits a line where it stands. */
static bool split(char *line, char *fields[FIELDS])
{
    size_t n = 0;
    for (char *field = line; field; n++) {
        if (n == FIELDS)
            return false;
        fields[n] = field;
        field = strchr(field, '\t');
        if (field)
            *field++ = '\0';
    }
    return n == FIELDS;
}

static bool fill(struct record *record, char *const fields[FIELDS])
{
    struct health *health = &record->health;
    uint64_t failed;
    unsigned flapping;
    bool good = read_number(fields[1], 16, UINT64_MAX, &record->target) &&
                read_state(fields[2], &health->state) &&
                read_time(fields[3], &health->since) &&
                read_count(fields[4], UINT_MAX, &health->failures) &&
                read_count(fields[5], UINT_MAX, &health->successes) &&
                read_time(fields[6], &record->checked) &&
                read_count(fields[7], FLAP_WINDOW + 1, &record->flap.n) &&
                read_number(fields[8], 16, (1u << (FLAP_WINDOW + 1)) - 1, &failed) &&
                read_count(fields[9], 1, &flapping);
    if (!good)
        return false;
    record->flap.failed = (uint32_t)failed;
    record->flap.flapping = flapping;
    return true;
}

static enum ledger_verdict read_record(char *line, struct ledger *ledger)
{
    char *fields[FIELDS];
    if (!split(line, fields) || !read_name(fields[0]))
        return LEDGER_TORN;
    struct record *record = ledger_add(ledger, fields[0], strlen(fields[0]));
    if (!record)
        return LEDGER_NO_MEMORY;
    return fill(record, fields) ? LEDGER_OK : LEDGER_TORN;
}

/* ---- all of it ---- */

static bool is_zeros(const struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->bytes[i])
            return false;
    return true;
}

/* The next line without its end, NULL: there is none, or it has no end. */
static char *next_line(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

static enum ledger_verdict read_lines(char *at, struct ledger *ledger)
{
    char last[32];
    for (char *line; (line = next_line(&at));) {
        if (strncmp(line, "end ", 4) == 0) {
            snprintf(last, sizeof last, "end %zu", ledger->n);
            return strcmp(line, last) == 0 && *at == '\0' ? LEDGER_OK : LEDGER_TORN;
        }
        enum ledger_verdict verdict = read_record(line, ledger);
        if (verdict != LEDGER_OK)
            return verdict;
    }
    return LEDGER_TORN;
}

enum ledger_verdict ledger_read(const struct buf *text, struct ledger *ret_ledger)
{
    const size_t n_magic = strlen(magic);
    uint64_t version;
    if (is_zeros(text))
        return LEDGER_EMPTY;
    if (strncmp(text->bytes, magic, n_magic) != 0)
        return strncmp(text->bytes, magic, text->len) == 0 ? LEDGER_TORN
                                                           : LEDGER_FOREIGN;
    AUTO(free) char *copy = strdup(text->bytes);
    char *at = copy;
    if (!copy)
        return LEDGER_NO_MEMORY;
    const char *first = next_line(&at);
    if (!first || strlen(text->bytes) != text->len)
        return LEDGER_TORN;
    if (!read_number(first + n_magic, 10, UINT64_MAX, &version) || version < VERSION)
        return LEDGER_TORN;
    if (version > VERSION)
        return LEDGER_NEWER;
    enum ledger_verdict verdict = read_lines(at, ret_ledger);
    if (verdict != LEDGER_OK)
        ledger_fini(ret_ledger);
    return verdict;
}

void ledger_write(const struct ledger *ledger, struct buf *out)
{
    buf_add_format(out, "%s%d\n", magic, VERSION);
    for (size_t i = 0; i < ledger->n; i++)
        write_record(ledger->records[i], out);
    buf_add_format(out, "end %zu\n", ledger->n);
}
