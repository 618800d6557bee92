/* Where bytes leave the process.
 *
 * A file is replaced when everything arrived, so that a reader sees the old one or the
 * new one and a full disk leaves the old one.  Only regular files are replaced: -o
 * /dev/null or a pipe is written as it is, and so is a file that one of our own streams
 * goes to already (-o /dev/stdout >> log): replacing it would take away what stands in
 * it.
 *
 * Only commit waits for a reader: until then what a full pipe does not take is kept, so
 * that "| less" never holds up the deadlines of the nodes.
 *
 * Invariant: after the first error nothing more is written, and commit reports that
 * error.  A pipe somebody reads slowly is no error, even if it is non-blocking. */
#include "output/sink.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/quantity.h"
#include "base/replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { ENOUGH = 65536 };

struct sink {
    int fd;
    const char *name;               /* for messages */
    struct replacement replacement; /* with fd -1, sink's fd is written as it is */
    bool owns_fd;
    size_t portion; /* so much may be written at once without waiting for a reader */
    struct buf waiting;
    size_t done;                 /* of waiting */
    struct pgcensus_error error; /* the first */
};

static bool fail(struct sink *sink, const char *doing, int number)
{
    if (sink->error.trouble == PGCENSUS_TROUBLE_NONE)
        error_set(&sink->error,
                  number == EPIPE ? PGCENSUS_TROUBLE_READER : PGCENSUS_TROUBLE_OUTPUT,
                  "could not %s %s: %s", doing, sink->name, strerror(number));
    return false;
}

/* A pipe takes as much as it has room for if it is non-blocking, and else a page at a
 * time.  The way to stdout is shared with others who may not expect that, so we take
 * one of our own; where that cannot be had, pages it is. */
static void open_pipe_again(struct sink *sink)
{
    struct stat there;
    char path[32];
    if (fstat(sink->fd, &there) != 0 || !S_ISFIFO(there.st_mode))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", sink->fd);
    int own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (own < 0)
        return;
    sink->fd = own;
    sink->owns_fd = true;
    sink->portion = SIZE_MAX;
}

/* Somebody takes out what goes in, and may be slow.  A file, a disk or /dev/null never
 * makes anybody wait for that. */
static bool has_reader(int fd)
{
    enum { MEMORY_DEVICES = 1 };
    struct stat there;
    if (fstat(fd, &there) != 0)
        return true;
    bool is_null = S_ISCHR(there.st_mode) && major(there.st_rdev) == MEMORY_DEVICES;
    return !S_ISREG(there.st_mode) && !S_ISBLK(there.st_mode) && !is_null;
}

/* A descriptor that is not open for writing was closed by whoever started us, and may
 * since have become something else. */
static bool open_stdout(struct sink *sink)
{
    sink->fd = STDOUT_FILENO;
    sink->name = "standard output";
    int flags = fcntl(sink->fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return fail(sink, "write to", EBADF);
    open_pipe_again(sink);
    return true;
}

/* Without O_NONBLOCK a FIFO that nobody reads would hold us here before the first node
 * is asked. */
static bool open_in_place(struct sink *sink, const char *path, mode_t kind)
{
    sink->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    sink->owns_fd = sink->fd >= 0;
    if (!sink->owns_fd && errno == ENXIO)
        return error_set(&sink->error, PGCENSUS_TROUBLE_OUTPUT, "could not open %s: %s",
                         path,
                         S_ISSOCK(kind) ? "it is a socket, which has to be connected to"
                         : S_ISFIFO(kind) ? "nobody reads from it"
                                          : "there is no such device");
    return sink->owns_fd || fail(sink, "open", errno);
}

static bool open_again(struct sink *sink, int fd)
{
    sink->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    sink->owns_fd = sink->fd >= 0;
    return sink->owns_fd || fail(sink, "open", errno);
}

static bool open_replacement(struct sink *sink, const char *path)
{
    if (!replacement_open(&sink->replacement, path, &sink->error))
        return false;
    sink->fd = sink->replacement.fd;
    return true;
}

/* The number in /dev/fd/NUMBER; -1: the path is another. */
static int named_descriptor(const char *path)
{
    static const char *const directories[] = {"/dev/fd/", "/proc/self/fd/"};
    int64_t number;
    for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
        size_t n = strlen(directories[i]);
        if (strncmp(path, directories[i], n) == 0 &&
            quantity_count(path + n, 0, INT_MAX, &number) == QUANTITY_OK)
            return (int)number;
    }
    return -1;
}

/* Of what stdout, stderr and a descriptor that is given as the path go to, a file must
 * not be replaced (it may have no name, or one that says "(deleted)") and a socket
 * cannot be opened: what we have is written to. */
static bool open_path(struct sink *sink, const char *path)
{
    struct stat there;
    if (stat(path, &there) != 0)
        return open_replacement(sink, path);
    bool is_file = S_ISREG(there.st_mode);
    int named = named_descriptor(path);
    if (is_file && named >= 0 && file_is_same(named, &there))
        return open_again(sink, named);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if ((is_file || S_ISSOCK(there.st_mode)) && file_is_same(fd, &there))
            return open_again(sink, fd);
    return is_file ? open_replacement(sink, path)
                   : open_in_place(sink, path, there.st_mode);
}

struct sink *sink_open(const char *path, struct pgcensus_error *ret_error)
{
    AUTO(sink_free) struct sink *sink = memory_new(struct sink);
    if (!sink) {
        error_memory(ret_error);
        return NULL;
    }
    sink->waiting = BUF_INIT;
    sink->portion = PIPE_BUF; /* a pipe that has room has that much */
    sink->fd = -1;
    sink->replacement = REPLACEMENT_INIT;
    sink->name = path;
    bool to_stdout = !path || strcmp(path, "-") == 0;
    if (to_stdout ? open_stdout(sink) : open_path(sink, path)) {
        if (!has_reader(sink->fd))
            sink->portion = SIZE_MAX;
        return take_ptr(sink);
    }
    if (ret_error)
        *ret_error = sink->error;
    return NULL;
}

static bool has_room(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    return poll(&ready, 1, 0) > 0;
}

static void wait_for_room(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    poll(&ready, 1, -1);
}

/* Writes as much as it can, and all of it if it may wait; *done: so far. */
static bool push(struct sink *sink, const char *bytes, size_t n, bool may_wait,
                 size_t *done)
{
    bool tells = sink->portion == SIZE_MAX; /* by EAGAIN, or never has to */
    while (*done < n && (may_wait || tells || has_room(sink->fd))) {
        size_t portion = n - *done;
        if (!may_wait && portion > sink->portion)
            portion = sink->portion;
        ssize_t written = write(sink->fd, bytes + *done, portion);
        if (written >= 0)
            *done += (size_t)written;
        else if (errno == EAGAIN && may_wait)
            wait_for_room(sink->fd);
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            return fail(sink, "write to", errno);
    }
    return true;
}

static bool drain(struct sink *sink, bool may_wait)
{
    struct buf *waiting = &sink->waiting;
    if (!push(sink, waiting->bytes, waiting->len, may_wait, &sink->done))
        return false;
    if (sink->done == waiting->len) {
        buf_clear(waiting);
        sink->done = 0;
    } else if (sink->done > ENOUGH) {
        size_t left = waiting->len - sink->done;
        memmove(waiting->bytes, waiting->bytes + sink->done, left);
        buf_cut(waiting, left);
        sink->done = 0;
    }
    return true;
}

bool sink_write(struct sink *sink, const void *bytes, size_t n)
{
    size_t done = 0;
    if (sink->error.trouble != PGCENSUS_TROUBLE_NONE)
        return false;
    /* Much at once, and nothing before it: it need not be kept. */
    if (n >= ENOUGH && sink->waiting.len == 0 &&
        !push(sink, bytes, n, /* may_wait= */ false, &done))
        return false;
    buf_add(&sink->waiting, (const char *)bytes + done, n - done);
    if (sink->waiting.broken)
        return error_memory(&sink->error);
    return sink->waiting.len - sink->done < ENOUGH || drain(sink, false);
}

bool sink_flush(struct sink *sink)
{
    return sink->error.trouble == PGCENSUS_TROUBLE_NONE && drain(sink, false);
}

size_t sink_waiting(const struct sink *sink)
{
    return sink->waiting.len - sink->done;
}

int sink_fd(const struct sink *sink)
{
    return sink->fd;
}

/* Some file systems tell only at close() that there was no room. */
static bool close_checked(struct sink *sink)
{
    int fd = sink->owns_fd ? sink->fd : dup(sink->fd);
    if (sink->owns_fd)
        sink->fd = -1;
    sink->owns_fd = false;
    if (fd < 0 || close(fd) != 0)
        return fail(sink, "write to", errno);
    return true;
}

bool sink_commit(struct sink *sink, struct pgcensus_error *ret_error)
{
    if (sink->error.trouble == PGCENSUS_TROUBLE_NONE && drain(sink, true) &&
        (sink->replacement.fd >= 0
             ? replacement_commit(&sink->replacement, &sink->error)
             : close_checked(sink)))
        return true;
    if (ret_error)
        *ret_error = sink->error;
    return false;
}

void sink_free(struct sink *sink)
{
    if (!sink)
        return;
    if (sink->owns_fd)
        close(sink->fd);
    replacement_fini(&sink->replacement);
    buf_fini(&sink->waiting);
    free(sink);
}
