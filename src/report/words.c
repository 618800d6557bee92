/* Words and numbers as every page of this room says them.
 *
 * Two things in here are decisions and not only spelling: a length of time never has
 * more than three digits that matter, because nobody acts on the fourth; and a message
 * loses its address only if it is exactly the one that stands beside it. */
#include "report/words.h"

#include "base/clock.h"
#include "base/quantity.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

const char *status_mark(enum pgcensus_status status, bool unicode)
{
    switch (status) {
    case PGCENSUS_OK:
        return unicode ? "✓" : "+";
    case PGCENSUS_WARN:
        return "!";
    case PGCENSUS_DOWN:
        return unicode ? "✗" : "x";
    case PGCENSUS_UNKNOWN:
        return "?";
    case PGCENSUS_DISABLED:
        return "-";
    }
    return "?";
}

enum tone status_tone(enum pgcensus_status status)
{
    switch (status) {
    case PGCENSUS_WARN:
        return TONE_WARN;
    case PGCENSUS_DOWN:
        return TONE_DOWN;
    case PGCENSUS_OK:
    case PGCENSUS_UNKNOWN:
    case PGCENSUS_DISABLED:
        return TONE_PLAIN;
    }
    return TONE_PLAIN;
}

bool status_is_problem(enum pgcensus_status status)
{
    return status != PGCENSUS_OK && status != PGCENSUS_DISABLED;
}

int status_rank(enum pgcensus_status status)
{
    static const enum pgcensus_status all[] = {
        PGCENSUS_OK, PGCENSUS_WARN, PGCENSUS_DOWN, PGCENSUS_UNKNOWN, PGCENSUS_DISABLED};
    int rank = 0;
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        rank += pgcensus_status_worst(all[i], status) == status;
    return rank;
}

/* length / unit with at most three digits; false if that takes more. */
static bool add_three_digits(struct buf *buf, nsec length, nsec unit)
{
    if (length >= 1000 * unit)
        return false;
    nsec hundredths = (length * 100 + unit / 2) / unit;
    nsec tenths = (length * 10 + unit / 2) / unit;
    nsec whole = (length + unit / 2) / unit;

    if (hundredths < 1000)
        buf_add_format(buf, "%d.%02d", (int)hundredths / 100, (int)hundredths % 100);
    else if (tenths < 1000)
        buf_add_format(buf, "%d.%d", (int)tenths / 10, (int)tenths % 10);
    else if (whole < 1000)
        buf_add_format(buf, "%d", (int)whole);
    else
        return false;
    return true;
}

void add_length(struct buf *buf, nsec length)
{
    if (add_three_digits(buf, length, NSEC_PER_MSEC))
        buf_add_str(buf, " ms");
    else
        add_seconds(buf, length);
}

void add_seconds(struct buf *buf, nsec length)
{
    if (!add_three_digits(buf, length, NSEC_PER_SEC))
        buf_add_format(buf, "%lld",
                       (long long)((length + NSEC_PER_SEC / 2) / NSEC_PER_SEC));
    buf_add_str(buf, " s");
}

void add_size(struct buf *buf, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    if (bytes < 1024) {
        buf_add_format(buf, "%d B", (int)bytes);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        int64_t unit = INT64_C(1024) << (10 * i);
        if (i + 1 < ARRAY_SIZE(units) && bytes >= 1000 * unit)
            continue;
        if (!add_three_digits(buf, bytes, unit))
            buf_add_format(buf, "%lld", (long long)(bytes / unit));
        buf_add_format(buf, " %s", units[i]);
        return;
    }
}

void add_lag(struct buf *buf, const struct pgcensus_node_result *result)
{
    const struct pgcensus_lag *lag = &result->lag;
    if (result->role != PGCENSUS_STANDBY)
        return;
    if (lag->time == 0)
        buf_add_str(buf, "0 s");
    else if (lag->time != PGCENSUS_UNKNOWN_TIME)
        add_seconds(buf, lag->time);
    else if (lag->replay >= 0)
        add_size(buf, lag->replay);
}

void json_key_milliseconds(struct json *json, const char *key, nsec length)
{
    json_key(json, key);
    if (length < 0)
        json_null(json);
    else
        json_number(json, (double)length / NSEC_PER_MSEC, 3);
}

void json_key_known_int(struct json *json, const char *key, int64_t value, bool known)
{
    if (known)
        json_key_int(json, key, value);
    else
        json_key_null(json, key);
}

/* More digits than a double holds, so it is text. */
void json_key_identifier(struct json *json, const char *key, uint64_t identifier)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, identifier);
    json_key_string(json, key, identifier ? text : NULL);
}

void json_key_text(struct json *json, const char *key, const char *text)
{
    json_key_string(json, key, *text ? text : NULL);
}

void json_write_error(struct json *json, const struct pgcensus_failure *failure)
{
    if (!failure) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_key_string(json, "class", pgcensus_class_name(failure->error_class));
    json_key_string(json, "phase", pgcensus_phase_name(failure->phase));
    json_key_text(json, "sqlstate", failure->sqlstate);
    json_key_bool(json, "retryable", failure->retryable);
    json_key_string(json, "message", failure->message);
    json_key_string(json, "detail", pgcensus_failure_detail(failure));
    json_key_string(json, "hint", pgcensus_failure_hint(failure));
    json_key_known_int(json, "position", failure->position, failure->position > 0);
    json_end_object(json);
}

void json_key_error(struct json *json, const struct pgcensus_failure *failure)
{
    json_key(json, "error");
    json_write_error(json, failure);
}

void add_address(struct buf *buf, const struct pgcensus_identity *identity,
                 const char *hostaddr)
{
    const char *host = *hostaddr ? hostaddr : identity->host;
    bool is_ipv6 = strchr(host, ':') != NULL;

    if (*identity->host == '/')
        buf_add_format(buf, "%s/.s.PGSQL.%u", identity->host, identity->port);
    else
        buf_add_format(buf, is_ipv6 ? "[%s]:%u" : "%s:%u", host, identity->port);
}

void add_upstream(struct buf *buf, const struct pgcensus_facts *facts)
{
    bool is_ipv6 = strchr(facts->upstream_host, ':') != NULL;
    if (*facts->upstream_host)
        buf_add_format(buf, is_ipv6 ? "[%s]:%d" : "%s:%d", facts->upstream_host,
                       facts->upstream_port);
}

/* Takes " (10.2.0.12:5432)" off the end. */
static void cut_address(struct buf *detail, const struct pgcensus_identity *identity,
                        const struct pgcensus_node_result *result)
{
    AUTO(buf_fini) struct buf ending = BUF_INIT;
    buf_add_str(&ending, " (");
    add_address(&ending, identity, result->hostaddr);
    buf_add_char(&ending, ')');
    if (detail->len > ending.len &&
        strcmp(detail->bytes + detail->len - ending.len, ending.bytes) == 0)
        buf_cut(detail, detail->len - ending.len);
}

/* A reason has less room than the failure that it repeats. */
static const char *whole_reason(const struct pgcensus_node_result *result, size_t i)
{
    const char *reason = result->reasons[i].message;
    bool repeats = result->failed && *reason &&
                   strncmp(result->failure.message, reason, strlen(reason)) == 0;
    return repeats ? result->failure.message : reason;
}

void add_detail(struct buf *buf, const struct pgcensus_identity *identity,
                const struct pgcensus_node_result *result, bool with_address)
{
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    for (size_t i = 0; i < result->n_reasons; i++) {
        if (i > 0)
            buf_add_str(&detail, "; ");
        buf_add_str(&detail, whole_reason(result, i));
    }
    if (detail.len == 0 && result->failed)
        buf_add_str(&detail, result->failure.message);
    if (!with_address)
        cut_address(&detail, identity, result);
    text_add_safe(buf, detail.bytes, detail.len);
    buf->broken |= detail.broken;
}

void add_added(struct buf *buf, const struct pgcensus_node_result *result)
{
    const struct pgcensus_failure *failure = &result->failure;
    const char *detail = pgcensus_failure_detail(failure);
    const char *hint = pgcensus_failure_hint(failure);
    if (result->failed && detail)
        buf_add_format(buf, " DETAIL: %s", detail);
    if (result->failed && hint)
        buf_add_format(buf, " HINT: %s", hint);
}

const char *problem_code(const struct pgcensus_node_result *result)
{
    const char *name = NULL;
    if (result->failed)
        name = pgcensus_class_name(result->failure.error_class);
    else if (result->n_reasons > 0)
        name = result->reasons[0].code;
    return name ? name : "";
}
