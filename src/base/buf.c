#include "base/buf.h"

#include <stdint.h>
#include <string.h>

enum { FORMATTED_USUALLY = 31 };

/* The bytes of an empty buf.  Constant, so that a stray write crashes at once. */
const char buf_empty_[1] = "";

void buf_fini(struct buf *buf)
{
    if (buf->cap)
        free(buf->bytes);
    *buf = BUF_INIT;
}

void buf_clear(struct buf *buf)
{
    buf_cut(buf, 0);
    buf->broken = false;
}

void buf_cut(struct buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->bytes[len] = '\0';
}

bool buf_grow(struct buf *buf, size_t more)
{
    if (buf->broken)
        return false;

    size_t cap = buf->cap ? buf->cap : 64;
    while (cap - buf->len <= more && cap <= SIZE_MAX / 2)
        cap *= 2;
    char *bytes =
        cap - buf->len > more ? realloc(buf->cap ? buf->bytes : NULL, cap) : NULL;
    if (!bytes) {
        buf->broken = true;
        return false;
    }
    buf->bytes = bytes;
    buf->cap = cap;
    buf->bytes[buf->len] = '\0';
    return true;
}

void buf_add_str(struct buf *buf, const char *str)
{
    buf_add(buf, str, strlen(str));
}

void buf_add_repeat(struct buf *buf, char c, size_t n)
{
    if (n == 0 || !buf_reserve(buf, n))
        return;
    memset(buf->bytes + buf->len, c, n);
    buf->len += n;
    buf->bytes[buf->len] = '\0';
}

void buf_add_format(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_add_vformat(buf, format, args);
    va_end(args);
}

void buf_add_vformat(struct buf *buf, const char *format, va_list args)
{
    /* Most texts are numbers: they fit, and are formatted only once. */
    if (!buf_reserve(buf, FORMATTED_USUALLY))
        return;
    size_t room = buf->cap - buf->len;
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(buf->bytes + buf->len, room, format, again);
    va_end(again);
    if (n >= 0 && (size_t)n >= room && buf_reserve(buf, (size_t)n))
        vsnprintf(buf->bytes + buf->len, (size_t)n + 1, format, args);
    if (n < 0)
        buf->broken = true;
    if (n > 0 && !buf->broken)
        buf->len += (size_t)n;
    buf->bytes[buf->len] = '\0';
}

char *buf_take(struct buf *buf)
{
    char *bytes = NULL;
    if (!buf->broken && buf_reserve(buf, 0)) {
        bytes = buf->bytes;
        buf->cap = 0;
    }
    buf_fini(buf);
    return bytes;
}
