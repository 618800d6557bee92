/* Values in the text of an answer.  A server says what it likes: nothing of it is
 * trusted to be a number, to be short, or to be text for people. */
#include "fleet/facts_private.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct span span_take(struct span *rest, char stop)
{
    const char *at = rest->at;
    const char *found = at ? memchr(at, stop, (size_t)(rest->end - at)) : NULL;
    rest->at = found ? found + 1 : rest->end;
    return (struct span){at, found ? found : rest->end};
}

bool span_is_empty(struct span span)
{
    return span.at == span.end;
}

void span_copy(struct span span, char *to, size_t size)
{
    text_copy_safe(to, size, span.at, (size_t)(span.end - span.at));
}

/* With a NUL behind it; false: it is longer than what we look for can be. */
static bool to_word(struct span span, char *word, size_t size)
{
    size_t length = (size_t)(span.end - span.at);
    if (length == 0 || length >= size || memchr(span.at, '\0', length))
        return false;
    memcpy(word, span.at, length);
    word[length] = '\0';
    return true;
}

int64_t span_number(struct span span, int64_t unknown)
{
    char word[32];
    char *end;
    if (!to_word(span, word, sizeof word) || word[strspn(word, "-0123456789")])
        return unknown;
    errno = 0;
    long long number = strtoll(word, &end, 10);
    return errno || *end ? unknown : number;
}

int span_count(struct span span)
{
    int64_t count = span_number(span, -1);
    return count >= 0 && count <= INT32_MAX ? (int)count : -1;
}

int span_flag(struct span span)
{
    char word[8];
    if (!to_word(span, word, sizeof word))
        return -1;
    if (!strcmp(word, "t") || !strcmp(word, "on"))
        return 1;
    return !strcmp(word, "f") || !strcmp(word, "off") ? 0 : -1;
}

pgcensus_lsn span_lsn(struct span span)
{
    char word[32];
    unsigned high, low;
    int length = 0;
    if (!to_word(span, word, sizeof word) ||
        sscanf(word, "%8x/%8x%n", &high, &low, &length) != 2 || word[length])
        return 0;
    return (uint64_t)high << 32 | low;
}

nsec span_wall(struct span span)
{
    int64_t time = span_number(span, 0);
    return time > 0 && time < INT64_MAX / NSEC_PER_USEC ? time * NSEC_PER_USEC : 0;
}

nsec span_length(struct span span)
{
    int64_t length = span_number(span, -1);
    return length >= 0 && length < INT64_MAX / NSEC_PER_USEC ? length * NSEC_PER_USEC
                                                             : PGCENSUS_UNKNOWN_TIME;
}
