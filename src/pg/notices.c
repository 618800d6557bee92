/* Warnings have places of their own, so that a flood of NOTICEs cannot hide
 * one.  After the first notice that was not kept no more are kept, so that the
 * list has no gaps and a flood costs no more than counting. */
#include "pg/notices.h"

#include "base/memory.h"
#include "base/text.h"
#include "pg/failure.h"

#include <string.h>

enum {
    MOST_OF_A_KIND = 32,
    MOST_BYTES_OF_A_KIND = 16 * 1024,
    LONGEST = 4096,
};

/* A server before 9.6, and some that are no PostgreSQL, send the severity only
 * translated; then the class of the SQLSTATE tells warnings from the rest. */
static const char *severity_of(const char *told, const char *sqlstate)
{
    static const char *const known[] = {"DEBUG",   "LOG",   "INFO",  "NOTICE",
                                        "WARNING", "ERROR", "FATAL", "PANIC"};
    for (size_t i = 0; told && i < ARRAY_SIZE(known); i++)
        if (strcmp(told, known[i]) == 0)
            return known[i];
    return strncmp(sqlstate, "00", 2) == 0 ? "NOTICE" : "WARNING";
}

bool pgcensus_notice_warns(const struct pgcensus_notice *notice)
{
    static const char *const quiet[] = {"DEBUG", "LOG", "INFO", "NOTICE"};
    for (size_t i = 0; i < ARRAY_SIZE(quiet); i++)
        if (strcmp(notice->severity, quiet[i]) == 0)
            return false;
    return true;
}

static bool has_place(const struct pgcensus_notices *notices, bool warns, size_t length)
{
    size_t n = 0, bytes = length;
    for (size_t i = 0; i < notices->n; i++) {
        if (pgcensus_notice_warns(&notices->items[i]) != warns)
            continue;
        n++;
        bytes += strlen(notices->items[i].message);
    }
    return n < MOST_OF_A_KIND && bytes <= MOST_BYTES_OF_A_KIND;
}

/* NULL: no memory. */
static char *make_message(const char *text, const struct secrets *secrets)
{
    AUTO(buf_fini) struct buf whole = BUF_INIT;
    char shown[LONGEST];
    buf_add_str(&whole, text);
    pg_make_safe(&whole, secrets);
    text_copy_safe(shown, sizeof shown, whole.bytes, whole.len);
    return whole.broken ? NULL : strdup(shown);
}

static bool keep_notice(struct pgcensus_notices *notices, struct pgcensus_notice notice,
                        const char *text, const struct secrets *secrets)
{
    bool warns = pgcensus_notice_warns(&notice);
    AUTO(free) char *message = make_message(text, secrets);
    if (!message || !has_place(notices, warns, strlen(message)))
        return false;
    struct pgcensus_notice *items =
        realloc(notices->items, (notices->n + 1) * sizeof *items);
    if (!items)
        return false;
    notices->items = items;
    notice.message = take_ptr(message);
    items[notices->n++] = notice;
    return true;
}

void notices_add(struct pgcensus_notices *notices, const char *severity,
                 const char *sqlstate, const char *text, const struct secrets *secrets)
{
    struct pgcensus_notice notice = {
        .severity = severity_of(severity, sqlstate ? sqlstate : ""),
    };
    size_t *omitted = pgcensus_notice_warns(&notice) ? &notices->omitted_warnings
                                                     : &notices->omitted_others;
    if (sqlstate && pg_is_sqlstate(sqlstate))
        text_copy(notice.sqlstate, sizeof notice.sqlstate, sqlstate);
    if (*omitted > 0 ||
        !keep_notice(notices, notice, text ? text : "no message", secrets))
        ++*omitted;
}

void pgcensus_notices_fini(struct pgcensus_notices *notices)
{
    for (size_t i = 0; i < notices->n; i++)
        free(notices->items[i].message);
    free(notices->items);
    *notices = (struct pgcensus_notices){0};
}
