#include "cli/shared/option_words.h"

#include "base/buf.h"
#include "base/text.h"

#include <string.h>

static const char *option_of(enum pgcensus_subject subject)
{
    switch (subject) {
    case PGCENSUS_SUBJECT_NONE:
        break;
    case PGCENSUS_SUBJECT_FACTS:
        return "--facts full";
    case PGCENSUS_SUBJECT_MAX_ROWS:
        return "--max-rows";
    case PGCENSUS_SUBJECT_MAX_BYTES:
        return "--max-bytes";
    case PGCENSUS_SUBJECT_READER_TIMEOUT:
        return "--reader-timeout";
    case PGCENSUS_SUBJECT_FAIL_FAST:
        return "--fail-fast";
    case PGCENSUS_SUBJECT_PARAMS:
        return "--param";
    case PGCENSUS_SUBJECT_DIFF:
        return "--diff";
    case PGCENSUS_SUBJECT_KEY:
        return "--key";
    case PGCENSUS_SUBJECT_REDUCE:
        return "--reduce";
    }
    return NULL;
}

/* Where the text names it; NULL: nowhere. */
static const char *find_subject(const char *text, enum pgcensus_subject subject)
{
    const char *name = pgcensus_subject_name(subject);
    return name ? strstr(text, name) : NULL;
}

/* What does not fit is cut, as it is everywhere. */
static void name_option(char *text, size_t size, enum pgcensus_subject subject)
{
    const char *at = find_subject(text, subject);
    AUTO(buf_fini) struct buf words = BUF_INIT;
    if (!at)
        return;
    buf_add(&words, text, (size_t)(at - text));
    buf_add_str(&words, option_of(subject));
    buf_add_str(&words, at + strlen(pgcensus_subject_name(subject)));
    if (!words.broken)
        text_copy(text, size, words.bytes);
}

/* DETAIL and HINT stand behind the message, and move with its end.  If they have no
 * room for that, the message stays as it is. */
void option_words_failure(struct pgcensus_failure *failure)
{
    char *message = failure->message;
    const char *at = find_subject(message, failure->subject);
    if (!at)
        return;
    const char *option = option_of(failure->subject);
    size_t last =
        failure->hint_at > failure->detail_at ? failure->hint_at : failure->detail_at;
    size_t end = last + strlen(message + last) + 1, begin = (size_t)(at - message);
    size_t behind = begin + strlen(pgcensus_subject_name(failure->subject));
    size_t moved = begin + strlen(option);
    if (end - behind > sizeof failure->message - moved)
        return;
    memmove(message + moved, message + behind, end - behind);
    memcpy(message + begin, option, strlen(option));
    if (failure->detail_at)
        failure->detail_at = (uint16_t)(failure->detail_at - behind + moved);
    if (failure->hint_at)
        failure->hint_at = (uint16_t)(failure->hint_at - behind + moved);
}

void option_words_result(struct pgcensus_node_result *result)
{
    for (size_t i = 0; i < result->n_reasons; i++) {
        struct pgcensus_reason *reason = &result->reasons[i];
        name_option(reason->message, sizeof reason->message, reason->subject);
    }
}

bool option_words_error(struct pgcensus_error *error)
{
    name_option(error->message, sizeof error->message, error->subject);
    return false;
}
