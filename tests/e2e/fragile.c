/* pgcensus with an allocator that fails on request.
 *
 * The linker's --wrap sends every allocation of our own code here; libraries keep the
 * real one, because what is under test is what pgcensus does without memory, not what
 * OpenSSL does.  FRAGILE_TALLY=file counts them all.  FRAGILE_EACH=n with
 * FRAGILE_FOLDER=folder runs the program n times, and in run k the k-th allocation
 * fails; in folder, k.out and k.err are what it wrote, k.end is how it ended, as wait()
 * says it.
 *
 * The surprises: the tally is a shared mapping, since pgcensus may leave by _exit();
 * and the runs are forks before main(), because starting a sanitized program takes
 * longer than all that it does here. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *str);
char *__real_strndup(const char *str, size_t n);
int __real_vasprintf(char **ret_text, const char *format, va_list args);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__wrap_strdup(const char *str);
char *__wrap_strndup(const char *str, size_t n);
int __wrap_vasprintf(char **ret_text, const char *format, va_list args);

static atomic_long unshared;
static atomic_long *count = &unshared;
static long fails_at;

enum { LONGEST = 20 }; /* seconds of a run */

static int open_file(const char *folder, long k, const char *kind)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%ld.%s", folder, k, kind);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        abort();
    return fd;
}

static void redirect(int number, int fd)
{
    if (dup2(fd, number) < 0)
        abort();
    close(fd);
}

/* Returns in each of the runs, and never in the one that forks them. */
static void run_each(long n, const char *folder)
{
    for (long k = 1; k <= n; k++) {
        pid_t run = fork();
        if (run < 0)
            abort();
        if (run == 0) {
            fails_at = k;
            redirect(STDOUT_FILENO, open_file(folder, k, "out"));
            redirect(STDERR_FILENO, open_file(folder, k, "err"));
            alarm(LONGEST);
            return;
        }
        int status;
        if (waitpid(run, &status, 0) != run)
            abort();
        int end = open_file(folder, k, "end");
        dprintf(end, "%d", status);
        close(end);
    }
    _exit(0);
}

static void share_count(const char *tally)
{
    int fd = open(tally, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *count) < 0)
        abort();
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (count == MAP_FAILED)
        abort();
    close(fd);
}

__attribute__((constructor)) static void prepare(void)
{
    const char *each = getenv("FRAGILE_EACH"), *folder = getenv("FRAGILE_FOLDER");
    const char *tally = getenv("FRAGILE_TALLY");
    if (each && folder)
        run_each(atol(each), folder);
    if (tally)
        share_count(tally);
}

static int this_one_fails(void)
{
    return atomic_fetch_add(count, 1) + 1 == fails_at;
}

void *__wrap_malloc(size_t size)
{
    return this_one_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return this_one_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return this_one_fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
    return this_one_fails() ? NULL : __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *str)
{
    return this_one_fails() ? NULL : __real_strdup(str);
}

char *__wrap_strndup(const char *str, size_t n)
{
    return this_one_fails() ? NULL : __real_strndup(str, n);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list args)
{
    return this_one_fails() ? -1 : __real_vasprintf(ret_text, format, args);
}
