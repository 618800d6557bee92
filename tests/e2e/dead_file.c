/* Preloaded: $DEAD_FILE lies on a disk that does not answer.  Each open() of it is
 * noted in $DEAD_FILE_LOG, with the thread that called, and never returns; with
 * $DEAD_FILE_ALIVE it is only noted. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static void note(void)
{
    const char *words = gettid() == getpid() ? "loop\n" : "thread\n";
    int log = open_file(getenv("DEAD_FILE_LOG"), O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (log < 0 || write(log, words, strlen(words)) < 0)
        abort();
    close(log);
}

static int open_noted(const char *path, int flags, mode_t mode)
{
    const char *dead = getenv("DEAD_FILE");
    if (dead && strcmp(path, dead) == 0) {
        note();
        while (!getenv("DEAD_FILE_ALIVE"))
            pause();
    }
    return open_file(path, flags, mode);
}

/* With 64 bits of offset, as all of pgcensus has it, this is open64(). */
int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    bool makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
    mode_t mode = makes ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_noted(path, flags, mode);
}
