/* The reader: whoever takes rows as they come, and may be slower than the nodes.
 *
 * While the reader takes nothing, no rows come out, batches are full, and no node is
 * read; its server keeps the statement open, and with it a snapshot that no vacuum
 * passes.  So a reader that takes nothing at all for options->reader_timeout loses what
 * is under way.  One that takes a little, however slowly, does not. */
#include "query/scatter_private.h"

#include "base/quantity.h"

static void give_up(struct scatter *scatter, nsec now)
{
    AUTO(buf_fini) struct buf why = BUF_INIT;
    buf_add_str(&why, "given up: the reader of the output took nothing for ");
    quantity_format_duration(scatter->plan.options->reader_timeout, &why);
    buf_add_str(&why, " (reader_timeout)");
    scatter_stop(scatter, PGCENSUS_CLASS_CANCELLED, PGCENSUS_SUBJECT_READER_TIMEOUT,
                 why.bytes, now);
}

static void reader_step(struct task *task, short revents, nsec now)
{
    struct scatter *scatter = container_of(task, struct scatter, reader);
    if (revents) {
        scatter->reader.fd = -1;
        scatter->reader.deadline = NEVER;
        scatter->released = true;
    } else if (now >= scatter->reader.deadline) {
        scatter->reader.deadline = NEVER;
        give_up(scatter, now);
    }
}

void reader_init(struct scatter *scatter)
{
    task_init(&scatter->reader, reader_step);
}

/* Who holds what is held already does not begin to be patient anew. */
void scatter_hold(struct scatter *scatter, int fd)
{
    struct task *reader = &scatter->reader;
    nsec patience = scatter->plan.options->reader_timeout;
    if (fd < 0)
        reader->deadline = NEVER;
    else if (reader->fd < 0 && patience > 0)
        reader->deadline = clock_add(engine_now(scatter->engine), patience);
    reader->fd = fd;
    reader->events = POLLOUT;
    scatter->released = false;
    loop_update(reader);
}

bool scatter_released(struct scatter *scatter)
{
    bool released = scatter->released;
    scatter->released = false;
    return released;
}
