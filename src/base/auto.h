/* Ownership by scope: AUTO(pool_free) struct pool *pool = pool_new(…);
 *
 * A function that owns something uses this from its first line on and has no goto;
 * take_ptr() hands ownership over.  A type becomes usable with AUTO by one line in its
 * header: AUTO_DEFINE(struct pool *, pool_free) for pointers,
 * AUTO_DEFINE_VALUE(struct buf, buf_fini) for embedded values. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(free_fn) __attribute__((cleanup(auto_##free_fn)))

#define AUTO_DEFINE(type, free_fn)                                                     \
    static inline void auto_##free_fn(type *p)                                         \
    {                                                                                  \
        free_fn(*p);                                                                   \
    }

#define AUTO_DEFINE_VALUE(type, fini_fn)                                               \
    static inline void auto_##fini_fn(type *p)                                         \
    {                                                                                  \
        fini_fn(p);                                                                    \
    }

/* Hands over the value of a pointer variable, which becomes NULL. */
#define take_ptr(p)                                                                    \
    __extension__({                                                                    \
        __typeof__(p) *taken_from_ = &(p);                                             \
        __typeof__(p) taken_ = *taken_from_;                                           \
        *taken_from_ = NULL;                                                           \
        taken_;                                                                        \
    })

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))

/* The struct that has this member at this address. */
#define container_of(ptr, type, member)                                                \
    __extension__({                                                                    \
        char *member_ = (char *)(ptr);                                                 \
        (type *)(void *)(member_ - offsetof(type, member));                            \
    })

static inline void auto_free(void *p)
{
    free(*(void **)p);
}

static inline void auto_fclose(FILE **p)
{
    if (*p)
        fclose(*p);
}

static inline void auto_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

#endif
