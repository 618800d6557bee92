#include "cli/term/progress.h"

#include "output/offer.h"

#include <unistd.h>

#define PATIENCE NSEC_PER_SEC
#define REDRAW (100 * NSEC_PER_MSEC)
#define IDLE (60 * NSEC_PER_SEC) /* with nothing to draw there is no hurry */

void progress_init(struct progress *progress, const char *command, size_t total,
                   bool wanted, nsec now)
{
    *progress = (struct progress){.wanted = wanted,
                                  .command = command,
                                  .total = total,
                                  .started = now,
                                  .next = now + PATIENCE};
}

nsec progress_pause(const struct progress *progress, nsec now)
{
    if (!progress->wanted)
        return IDLE;
    return progress->next > now ? progress->next - now : 0;
}

void progress_format(const struct progress *progress, nsec now, struct buf *buf)
{
    buf_add_format(buf, "%s: %zu/%zu nodes, %zu down  %.1f s", progress->command,
                   progress->done, progress->total, progress->down,
                   (double)(now - progress->started) / NSEC_PER_SEC);
}

/* A job that was sent to the background leaves the prompt alone. */
static bool in_foreground(void)
{
    return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

/* Written only if the terminal takes it now: a missing progress line does no harm, but
 * a loop that waits for a terminal makes nodes late. */
static void write_progress(const struct buf *text)
{
    offer(STDERR_FILENO, text->bytes, text->len);
}

void progress_show(struct progress *progress, nsec now)
{
    if (!progress->wanted || now < progress->next)
        return;
    progress->next = now + REDRAW;
    if (!in_foreground())
        return;
    AUTO(buf_fini) struct buf line = BUF_INIT;
    buf_add_char(&line, '\r');
    progress_format(progress, now, &line);
    buf_add_str(&line, "\033[K");
    write_progress(&line);
    progress->drawn = true;
}

void progress_erase(struct progress *progress)
{
    if (!progress->drawn)
        return;
    progress->drawn = false;
    AUTO(buf_fini) struct buf line = BUF_INIT;
    buf_add_str(&line, "\r\033[K");
    write_progress(&line);
}
