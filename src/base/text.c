/* UTF-8, and untrusted bytes made safe.
 *
 * One function, visible_form(), says how a piece of text is shown, and both
 * text_add_safe() and text_copy_safe() are loops over it.  Its invariant: the
 * output is valid UTF-8 without any character for which text_deceives().
 *
 * A backslash is not escaped, so "\x1b" on the screen may be one byte made
 * visible, or four bytes that a server sent.  Both are harmless, and Windows
 * domains and regular expressions stay readable. */
#include "base/text.h"

#include <string.h>

struct range {
    uint32_t first, last;
};

/* Unicode 15: Cc, bidi controls, default ignorables except variation selectors (emoji
 * need them), separators, interlinear annotation. */
static const struct range deceptive[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad}, {0x034f, 0x034f},
    {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5}, {0x180b, 0x180f},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

size_t text_decode(const char *s, size_t n, uint32_t *ret_code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)s;
    size_t length = bytes[0] < 0x80             ? 1
                    : (bytes[0] & 0xe0) == 0xc0 ? 2
                    : (bytes[0] & 0xf0) == 0xe0 ? 3
                    : (bytes[0] & 0xf8) == 0xf0 ? 4
                                                : 0;
    if (length == 0 || length > n)
        return 0;

    uint32_t code = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    if (code < smallest[length] || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return length;
}

void text_add_utf8(struct buf *buf, uint32_t code)
{
    if (code < 0x80) {
        buf_add_char(buf, (char)code);
        return;
    }
    unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    buf_add_char(buf, (char)((0xff00u >> (more + 1)) | code >> 6 * more));
    while (more-- > 0)
        buf_add_char(buf, (char)(0x80 | (code >> 6 * more & 0x3f)));
}

bool text_deceives(uint32_t code)
{
    if (code >= 0x20 && code < 0x7f)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(deceptive); i++)
        if (code <= deceptive[i].last)
            return code >= deceptive[i].first;
    return false;
}

/* The form in which the first character of s[0 … n-1] is shown. */
struct visible {
    size_t taken; /* bytes of s that it stands for */
    size_t length;
    char form[16];
};

static struct visible visible_form(const char *s, size_t n)
{
    struct visible visible;
    uint32_t code = (unsigned char)*s;

    visible.taken = text_decode(s, n, &code);
    if (visible.taken && !text_deceives(code)) {
        visible.length = visible.taken;
        memcpy(visible.form, s, visible.length);
        return visible;
    }
    int length;
    if (visible.taken && (code == '\n' || code == '\t'))
        length = snprintf(visible.form, sizeof visible.form, "\\%c",
                          code == '\n' ? 'n' : 't');
    else
        length = snprintf(visible.form, sizeof visible.form,
                          code > 0xff ? "\\u{%x}" : "\\x%02x", code);
    visible.length = (size_t)length;
    if (!visible.taken)
        visible.taken = 1;
    return visible;
}

/* The length of the printable ASCII at the beginning, which is nearly all text
 * and is copied as it is. */
static size_t plain_length(const char *s, size_t n)
{
    size_t length = 0;
    while (length < n && s[length] >= 0x20 && s[length] < 0x7f)
        length++;
    return length;
}

void text_add_safe(struct buf *buf, const void *bytes, size_t n)
{
    const char *s = bytes;
    for (;;) {
        size_t plain = plain_length(s, n);
        buf_add(buf, s, plain);
        s += plain;
        n -= plain;
        if (n == 0)
            return;
        struct visible visible = visible_form(s, n);
        buf_add(buf, visible.form, visible.length);
        s += visible.taken;
        n -= visible.taken;
    }
}

void text_add_safe_str(struct buf *buf, const char *str)
{
    text_add_safe(buf, str, strlen(str));
}

void text_copy_safe(char *to, size_t size, const void *bytes, size_t n)
{
    static const char ellipsis[] = "…";
    const char *s = bytes;
    size_t len = 0, len_with_ellipsis = 0;

    if (size == 0)
        return;
    while (n > 0) {
        struct visible visible = visible_form(s, n);
        if (len + visible.length >= size)
            break;
        memcpy(to + len, visible.form, visible.length);
        len += visible.length;
        if (len + sizeof ellipsis <= size)
            len_with_ellipsis = len;
        s += visible.taken;
        n -= visible.taken;
    }
    if (n > 0 && sizeof ellipsis <= size) {
        memcpy(to + len_with_ellipsis, ellipsis, sizeof ellipsis);
        return;
    }
    to[len] = '\0';
}

void text_copy(char *to, size_t size, const char *str)
{
    size_t n = strlen(str);

    if (size == 0)
        return;
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)str[n] & 0xc0) == 0x80)
            n--;
    }
    memmove(to, str, n);
    to[n] = '\0';
}
