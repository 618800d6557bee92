#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MANY_PAGES = 64 * 1024 };

void *memory_array(size_t n, size_t size)
{
    return calloc(n ? n : 1, size ? size : 1);
}

void memory_will_fill(void *block, size_t size)
{
#ifdef MADV_POPULATE_WRITE
    if (size < MANY_PAGES)
        return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = ((uintptr_t)block + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)block + size) / page * page;
    if (begin < end)
        madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
#endif
}

bool memory_grow(void *array_ptr, size_t *cap, size_t n, size_t size)
{
    if (n < *cap)
        return true;

    size_t larger = *cap ? *cap : 4;
    while (larger <= n) {
        if (larger > SIZE_MAX / 2)
            return false;
        larger *= 2;
    }
    /* The caller's pointer has a type of its own; memcpy reads it without punning. */
    void *array;
    memcpy(&array, array_ptr, sizeof array);
    array = reallocarray(array, larger, size);
    if (!array)
        return false;
    char *added = (char *)array + *cap * size;
    size_t n_added = (larger - *cap) * size;
    memory_will_fill(added, n_added);
    memset(added, 0, n_added);
    memcpy(array_ptr, &array, sizeof array);
    *cap = larger;
    return true;
}

char *memory_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    return n < 0 ? NULL : text;
}

void memory_wipe_str(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}
