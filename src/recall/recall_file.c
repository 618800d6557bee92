/* The surprise: the lock is on a file that its owner replaces.  So whoever got the lock
 * looks whether the name still stands for what he locked, and begins again if not.  A
 * lock file of its own would be simpler, and would lie about for ever. */
#include "recall/recall_file.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/replacement.h"
#include "io/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { PAUSE_MS = 20, MOST_MB = 64 };

static bool fail(const char *doing, const char *path, struct pgcensus_error *ret_error)
{
    return error_set(ret_error, PGCENSUS_TROUBLE_OUTPUT, "could not %s %s: %s", doing,
                     path, strerror(errno));
}

/* ---- lock ---- */

/* O_NONBLOCK, for a FIFO that nobody writes to. */
static bool open_once(struct recall_file *file, const char *path,
                      struct pgcensus_error *ret_error)
{
    struct stat there;
    file->by_link =
        lstat(path, &there) == 0 && S_ISLNK(there.st_mode) && stat(path, &there) == 0;
    file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (file->fd < 0)
        return fail("open", path, ret_error);
    if (fstat(file->fd, &there) != 0)
        return fail("open", path, ret_error);
    if (S_ISREG(there.st_mode))
        return true;
    return error_set(ret_error, PGCENSUS_TROUBLE_OUTPUT, "%s is not a regular file",
                     path);
}

/* What the name stands for may have been replaced while we waited. */
static bool is_current(const struct recall_file *file, const char *path)
{
    struct stat there;
    return stat(path, &there) == 0 && file_is_same(file->fd, &there);
}

/* False: give up. */
static bool pause_for(int stop_fd, nsec end)
{
    const nsec most = PAUSE_MS * NSEC_PER_MSEC;
    nsec now = clock_now();
    nsec pause = end - now < most ? end - now : most;
    return now < end && !ready_within(stop_fd, clock_poll_timeout(0, pause));
}

static bool lock(struct recall_file *file, const char *path, nsec end, int stop_fd,
                 struct pgcensus_error *ret_error)
{
    for (;;) {
        if (file->fd < 0 && !open_once(file, path, ret_error))
            return false;
        bool locked = flock(file->fd, LOCK_EX | LOCK_NB) == 0;
        if (locked && is_current(file, path))
            return true;
        if (!locked && errno != EWOULDBLOCK && errno != EINTR)
            return fail("lock", path, ret_error);
        if (!locked && !pause_for(stop_fd, end))
            return error_set(ret_error, PGCENSUS_TROUBLE_OUTPUT,
                             "another run has %s locked", path);
        if (locked) {
            close(file->fd);
            file->fd = -1;
        }
    }
}

bool recall_file_open(struct recall_file *file, const char *path, nsec max_wait,
                      int stop_fd, struct pgcensus_error *ret_error)
{
    *file = RECALL_FILE_INIT;
    if (lock(file, path, clock_add(clock_now(), max_wait), stop_fd, ret_error)) {
        file->path = realpath(path, NULL);
        if (file->path)
            return true;
        fail("find", path, ret_error);
    }
    recall_file_close(file);
    return false;
}

void recall_file_close(struct recall_file *file)
{
    if (file->fd >= 0)
        close(file->fd); /* unlocks */
    free(file->path);
    *file = RECALL_FILE_INIT;
}

/* ---- content ---- */

bool recall_file_read(const struct recall_file *file, struct buf *ret_text,
                      struct pgcensus_error *ret_error)
{
    char part[65536];
    for (;;) {
        ssize_t n = read(file->fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail("read", file->path, ret_error);
        if (n == 0)
            return ret_text->broken ? error_memory(ret_error) : true;
        buf_add(ret_text, part, (size_t)n);
        if (ret_text->len > (size_t)MOST_MB << 20)
            return error_set(ret_error, PGCENSUS_TROUBLE_OUTPUT,
                             "%s has more than %d MB", file->path, MOST_MB);
    }
}

static bool write_all(int fd, const struct buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(fd, text->bytes + done, text->len - done);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            done += (size_t)n;
    }
    return true;
}

bool recall_file_replace(const struct recall_file *file, const struct buf *text,
                         struct pgcensus_error *ret_error)
{
    AUTO(replacement_fini) struct replacement replacement = REPLACEMENT_INIT;
    if (!replacement_open(&replacement, file->path, ret_error))
        return false;
    if (!write_all(replacement.fd, text))
        return fail("write", file->path, ret_error);
    return replacement_commit(&replacement, ret_error);
}
