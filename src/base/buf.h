/* A growing run of bytes that stays broken once memory ran out: appends after that do
 * nothing, and the caller asks once, at the end.  bytes is always NUL-terminated
 * (behind len) and never NULL. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/auto.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *bytes;
    size_t len, cap;
    bool broken;
};

#define BUF_INIT ((struct buf){.bytes = (char *)buf_empty_})
extern const char buf_empty_[1];

void buf_fini(struct buf *buf);
AUTO_DEFINE_VALUE(struct buf, buf_fini)

void buf_clear(struct buf *buf); /* keeps the memory, and is no longer broken */
void buf_cut(struct buf *buf, size_t len);   /* drops the bytes behind the first len */
bool buf_grow(struct buf *buf, size_t more); /* makes room; called by buf_reserve() */
void buf_add_str(struct buf *buf, const char *str);
void buf_add_repeat(struct buf *buf, char c, size_t n);
void buf_add_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_add_vformat(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Inline, because rows are made of millions of short pieces. */
static inline bool buf_reserve(struct buf *buf, size_t more)
{
    return (!buf->broken && more < buf->cap - buf->len) || buf_grow(buf, more);
}

static inline void buf_add(struct buf *buf, const void *bytes, size_t n)
{
    if (n == 0 || !buf_reserve(buf, n))
        return;
    memcpy(buf->bytes + buf->len, bytes, n);
    buf->len += n;
    buf->bytes[buf->len] = '\0';
}

static inline void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

/* Returns the bytes as a heap string, and leaves the buf empty; NULL if it was
 * broken. */
char *buf_take(struct buf *buf);

#endif
