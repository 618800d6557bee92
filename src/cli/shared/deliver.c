#include "cli/shared/deliver.h"

#include "base/error.h"
#include "cli/exit_status.h"
#include "cli/term/messages.h"
#include "output/sink.h"

bool deliver(const char *path, const struct buf *out, struct pgcensus_error *ret_error)
{
    if (out->broken)
        return error_memory(ret_error);
    AUTO(sink_free) struct sink *sink = sink_open(path, ret_error);
    if (!sink)
        return false;
    sink_write(sink, out->bytes, out->len);
    return sink_commit(sink, ret_error);
}

int deliver_and_exit(const struct buf *out)
{
    struct pgcensus_error error;
    if (deliver(NULL, out, &error))
        return EXIT_GOOD;
    if (error.trouble == PGCENSUS_TROUBLE_READER)
        return EXIT_READER_LEFT;
    say("%s", error.message);
    return EXIT_NOT_JUDGED;
}
