/* pgcensus with an allocator that fails on request.
 *
 * The linker's --wrap sends every allocation of our own code here; libraries keep the
 * real one, because what is under test is what pgcensus does without memory, not what
 * OpenSSL does.  FRAGILE_AT=k lets the k-th allocation fail, FRAGILE_TALLY=file counts
 * them all instead.
 *
 * The surprise: the tally is a shared mapping, since pgcensus may leave by _exit(). */
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
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

__attribute__((constructor)) static void prepare(void)
{
    const char *at = getenv("FRAGILE_AT"), *tally = getenv("FRAGILE_TALLY");

    if (at)
        fails_at = atol(at);
    if (!tally)
        return;
    int fd = open(tally, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *count) < 0)
        abort();
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (count == MAP_FAILED)
        abort();
    close(fd);
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
