#include "judge/reason.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

struct pgcensus_reason *reason_add(struct reason_list *list, const struct peer *peer,
                                   enum pgcensus_status status, const char *code)
{
    struct pgcensus_node_verdict *verdict = peer->verdict;
    verdict->status = pgcensus_status_worst(verdict->status, status);
    if (verdict->n_reasons == PGCENSUS_MOST_REASONS)
        return NULL;
    if (!memory_grow(&list->reasons, &list->cap, list->n, sizeof *list->reasons)) {
        list->no_memory = true;
        return NULL;
    }
    struct pgcensus_reason *reason = &list->reasons[list->n++];
    verdict->n_reasons++;
    *reason = (struct pgcensus_reason){.code = ""};
    text_copy(reason->code, sizeof reason->code, code);
    return reason;
}

void reason_say(struct pgcensus_reason *reason, const char *format, ...)
{
    va_list args;
    char message[sizeof reason->message * 2];
    if (!reason)
        return;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    text_copy(reason->message, sizeof reason->message, message);
}

/* ---- names ---- */

static bool try_names(const char *const *names, size_t n, size_t all, size_t room,
                      struct buf *out)
{
    buf_clear(out);
    text_add_folded(out, names, n);
    if (n < all)
        buf_add_format(out, " and %zu more", all - n);
    return out->len <= room;
}

void reason_fit_names(const char *const *names, size_t n, size_t room, struct buf *out)
{
    size_t fits = 1, step = 1;
    if (n == 0 || try_names(names, n, n, room, out))
        return;
    for (; fits + step < n && try_names(names, fits + step, n, room, out); step *= 2)
        fits += step;
    for (; step > 0; step /= 2)
        if (fits + step < n && try_names(names, fits + step, n, room, out))
            fits += step;
    try_names(names, fits, n, room, out);
}
