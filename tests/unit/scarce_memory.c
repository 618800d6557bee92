#include "scarce_memory.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *str);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__wrap_strdup(const char *str);

static unsigned until_failure; /* 0: there is enough */
static bool failed;

void scarce_memory_begin(unsigned k)
{
    until_failure = k;
    failed = false;
}

bool scarce_memory_end(void)
{
    until_failure = 0;
    return failed;
}

static bool this_one_fails(void)
{
    if (until_failure == 0 || --until_failure > 0)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return this_one_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return this_one_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
    return this_one_fails() ? NULL : __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *str)
{
    return this_one_fails() ? NULL : __real_strdup(str);
}
