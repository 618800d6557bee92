/* The columns of `check`.
 *
 * They are one table: each row says in which sets a column stands, how its cell is
 * made, and what is shown when there is nothing to show.  A set is chosen whole, by the
 * width of the terminal; without a terminal it is the middle one, and nothing is cut.
 *
 * A failed node has no latency here: the time to a failure is no speed, and a gap is
 * never drawn as a number. */
#include "report/check_table.h"

#include "report/words.h"

#include <string.h>

enum set {
    NARROW = 1, /* below 60 columns: details below the table */
    MIDDLE = 2,
    WIDE = 4,    /* from 120 */
    RECORD = 8,  /* expanded: there is room for all */
    FIELDS = 16, /* unaligned: for programs, so without shapes */
    EVERYWHERE = NARROW | MIDDLE | WIDE | RECORD | FIELDS,
};

enum { MIDDLE_WIDTH = 60, WIDE_WIDTH = 120 };

enum trait { RIGHT = 1, FLEXIBLE = 2, TONED = 4 };

struct check_column {
    const char *name;
    unsigned sets, traits;
    const char *absent; /* shown if there is nothing to add */
    void (*add)(const struct check_line *line, const struct look *look,
                struct buf *text);
};

static void add_mark(const struct check_line *line, const struct look *look,
                     struct buf *text)
{
    buf_add_str(text, status_mark(line->result->status, look->unicode));
}

static void add_name(const struct check_line *line, const struct look *look,
                     struct buf *text)
{
    buf_add_str(text, line->identity ? line->identity->name : line->name);
}

static void add_where(const struct check_line *line, const struct look *look,
                      struct buf *text)
{
    if (line->identity)
        add_address(text, line->identity, line->result->hostaddr);
}

static void add_role(const struct check_line *line, const struct look *look,
                     struct buf *text)
{
    const char *role = pgcensus_role_name(line->result->role);
    if (role && line->identity)
        buf_add_str(text, role);
}

static void add_state(const struct check_line *line, const struct look *look,
                      struct buf *text)
{
    buf_add_str(text, pgcensus_status_name(line->result->status));
}

static void add_known_length(struct buf *text, const struct check_line *line,
                             nsec length)
{
    if (line->identity && line->result->attempted && length >= 0)
        add_length(text, length);
}

static void add_total(const struct check_line *line, const struct look *look,
                      struct buf *text)
{
    if (!line->result->failed)
        add_known_length(text, line, line->result->latency.total);
}

static void add_query(const struct check_line *line, const struct look *look,
                      struct buf *text)
{
    add_known_length(text, line, line->result->latency.query);
}

/* All that came before the query, if the login was reached. */
static void add_connect(const struct check_line *line, const struct look *look,
                        struct buf *text)
{
    const struct pgcensus_latency *latency = &line->result->latency;
    const nsec phases[] = {latency->resolve, latency->tcp, latency->tls, latency->auth};
    nsec sum = 0;
    for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
        sum += phases[i] > 0 ? phases[i] : 0;
    if (latency->auth >= 0)
        add_known_length(text, line, sum);
}

static void add_replay_lag(const struct check_line *line, const struct look *look,
                           struct buf *text)
{
    if (line->identity)
        add_lag(text, line->result);
}

static void add_version(const struct check_line *line, const struct look *look,
                        struct buf *text)
{
    const char *version = line->result->server_version;
    if (line->identity)
        buf_add(text, version, strcspn(version, " "));
}

static void add_tls(const struct check_line *line, const struct look *look,
                    struct buf *text)
{
    static const char prefix[] = "TLSv";
    const struct pgcensus_transport *transport = &line->result->transport;

    if (!line->identity || !transport->known) /* not known is not "no" */
        return;
    if (!*transport->tls)
        buf_add_str(text, "no");
    else if (strncmp(transport->tls, prefix, strlen(prefix)) == 0)
        buf_add_str(text, transport->tls + strlen(prefix));
    else
        buf_add_str(text, transport->tls);
}

static void add_reason(const struct check_line *line, struct buf *text,
                       bool with_address)
{
    if (!line->identity) {
        buf_add_str(text, line->detail);
        return;
    }
    add_detail_and_remarks(text, line->identity, line->result, with_address);
    if (line->more)
        add_added(text, line->result);
}

static void add_reason_and_address(const struct check_line *line,
                                   const struct look *look, struct buf *text)
{
    add_reason(line, text, true);
}

static void add_bare_reason(const struct check_line *line, const struct look *look,
                            struct buf *text)
{
    add_reason(line, text, false);
}

static const struct check_column all_columns[] = {
    {"", NARROW | MIDDLE | WIDE, TONED, "", add_mark},
    {"NODE", EVERYWHERE, FLEXIBLE, "", add_name},
    {"ADDRESS", WIDE | RECORD, FLEXIBLE, "-", add_where},
    {"ROLE", MIDDLE | WIDE | RECORD | FIELDS, 0, "?", add_role},
    {"STATE", EVERYWHERE, TONED, "", add_state},
    {"LATENCY", NARROW | MIDDLE | FIELDS, RIGHT, "-", add_total},
    {"CONNECT", WIDE | RECORD, RIGHT, "-", add_connect},
    {"QUERY", WIDE | RECORD, RIGHT, "-", add_query},
    {"TOTAL", WIDE | RECORD, RIGHT, "-", add_total},
    {"LAG", EVERYWHERE, RIGHT, "-", add_replay_lag},
    {"VERSION", WIDE | RECORD, 0, "-", add_version},
    {"TLS", WIDE | RECORD, 0, "-", add_tls},
    {"DETAIL", MIDDLE | FIELDS, FLEXIBLE, "", add_reason_and_address},
    {"DETAIL", WIDE | RECORD, FLEXIBLE, "", add_bare_reason},
};

enum { MOST_COLUMNS = ARRAY_SIZE(all_columns) };

static enum set choose_set(const struct look *look)
{
    if (look->unaligned)
        return FIELDS;
    if (look->expanded)
        return RECORD;
    if (look->width >= WIDE_WIDTH)
        return WIDE;
    return look->width == 0 || look->width >= MIDDLE_WIDTH ? MIDDLE : NARROW;
}

struct layout {
    size_t n;
    const struct check_column *chosen[MOST_COLUMNS];
    struct column columns[MOST_COLUMNS];
};

static struct layout choose_columns(enum set set)
{
    struct layout layout = {0};
    for (size_t i = 0; i < MOST_COLUMNS; i++) {
        const struct check_column *column = &all_columns[i];
        if (!(column->sets & set))
            continue;
        layout.chosen[layout.n] = column;
        layout.columns[layout.n] = (struct column){
            .name = column->name,
            .align = column->traits & RIGHT ? ALIGN_RIGHT : ALIGN_LEFT,
            .flexible = column->traits & FLEXIBLE,
        };
        layout.n++;
    }
    return layout;
}

/* All cells of a line in one text, which is cut into cells when it is complete. */
static void add_line(const struct check_line *line, const struct layout *layout,
                     const struct look *look, struct writer *writer, struct buf *text)
{
    size_t ends[MOST_COLUMNS];
    struct cell cells[MOST_COLUMNS];

    buf_clear(text);
    for (size_t i = 0; i < layout->n; i++) {
        layout->chosen[i]->add(line, look, text);
        ends[i] = text->len;
    }
    for (size_t i = 0; i < layout->n; i++) {
        const struct check_column *column = layout->chosen[i];
        size_t start = i ? ends[i - 1] : 0;
        cells[i] = (struct cell){
            .kind = CELL_TEXT,
            .text = text->bytes + start,
            .len = ends[i] - start,
        };
        if (cells[i].len == 0 && *column->absent)
            cells[i] = cell_text(look->null && *look->null ? NULL : column->absent);
        if (column->traits & TONED)
            cells[i].tone = status_tone(line->result->status);
    }
    writer_row(writer, cells);
}

static void print_lines(const struct check_line *lines, size_t n,
                        const struct look *look, struct buf *out)
{
    const struct layout layout = choose_columns(choose_set(look));
    AUTO(buf_fini) struct buf text = BUF_INIT;
    struct writer *writer =
        writer_begin(&writer_table, out, look, layout.columns, layout.n);
    for (size_t i = 0; i < n; i++)
        add_line(&lines[i], &layout, look, writer, &text);
    writer_end(writer);
    out->broken |= text.broken;
}

/*   ✗  pg-fra2  connection refused
 *               (10.2.0.12:5432)    */
static void print_details(const struct check_line *lines, size_t n,
                          const struct look *look, struct buf *out)
{
    static const struct column columns[] = {
        {.name = ""}, {.name = "", .flexible = true}, {.name = "", .flexible = true}};
    struct look below = *look;
    below.tuples_only = true;
    AUTO(buf_fini) struct buf table = BUF_INIT;
    AUTO(buf_fini) struct buf name = BUF_INIT;
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    struct writer *writer = writer_begin(&writer_table, &table, &below, columns, 3);

    for (size_t i = 0; i < n; i++) {
        enum pgcensus_status status = lines[i].result->status;
        struct cell mark = cell_text(status_mark(status, look->unicode));
        mark.tone = status_tone(status);
        buf_clear(&name);
        buf_clear(&detail);
        add_name(&lines[i], look, &name);
        add_reason(&lines[i], &detail, true);
        const struct cell cells[] = {mark, cell_text(name.bytes),
                                     cell_text(detail.bytes)};
        if (detail.len > 0)
            writer_row(writer, cells);
    }
    writer_end(writer);
    if (table.len > 0)
        buf_add_format(out, "\n%s", table.bytes);
    out->broken |= table.broken | name.broken | detail.broken;
}

void check_table_print(const struct check_line *lines, size_t n,
                       const struct look *look, struct buf *out)
{
    print_lines(lines, n, look, out);
    if (choose_set(look) == NARROW)
        print_details(lines, n, look, out);
}
