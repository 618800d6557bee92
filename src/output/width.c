/* How much room text takes on a terminal.
 *
 * wcwidth() of the C library is of no use: in the C locale, which cron has, it knows
 * ASCII only.  Without utf8proc every character counts as one column, which is wrong
 * for wide and combining ones but never breaks anything except the alignment. */
#include "output/width.h"

#include "base/text.h"
#include "built_with.h"

#if HAVE_UTF8PROC
#include <utf8proc.h>
#endif

static size_t character_width(uint32_t code)
{
#if HAVE_UTF8PROC
    int width = utf8proc_charwidth((utf8proc_int32_t)code);
    return width > 0 ? (size_t)width : 0;
#else
    return code >= 0x20;
#endif
}

/* The length of a colour sequence, ESC [ digits m, at the beginning of text. */
static size_t colour_length(const char *text, size_t n)
{
    if (n < 3 || text[0] != '\x1b' || text[1] != '[')
        return 0;
    size_t length = 2;
    while (length < n &&
           (text[length] == ';' || (text[length] >= '0' && text[length] <= '9')))
        length++;
    return length < n && text[length] == 'm' ? length + 1 : 0;
}

/* Takes one character, or a colour, off the beginning; returns its width. */
static size_t next_width(const char *text, size_t n, size_t *ret_length)
{
    uint32_t code = 0;
    *ret_length = colour_length(text, n);
    if (*ret_length)
        return 0;
    *ret_length = text_decode(text, n, &code);
    if (*ret_length)
        return character_width(code);
    *ret_length = 1;
    return 1;
}

size_t text_width(const char *text, size_t n)
{
    size_t width = 0;
    for (size_t length; n > 0; text += length, n -= length)
        width += next_width(text, n, &length);
    return width;
}

size_t text_fit(const char *text, size_t n, size_t columns)
{
    size_t fits = 0, width = 0;
    for (size_t length; fits < n; fits += length) {
        width += next_width(text + fits, n - fits, &length);
        if (width > columns)
            break;
    }
    return fits;
}

/* One long word that does not fit: broken anywhere. */
static size_t break_word(const char *text, size_t n, size_t fits, size_t *ret_next)
{
    /* A wide character sticks out of a narrow column: better than not being printed. */
    if (fits == 0)
        next_width(text, n, &fits);
    *ret_next = fits;
    return fits;
}

size_t text_break(const char *text, size_t n, size_t columns, size_t *ret_next)
{
    size_t fits = columns ? text_fit(text, n, columns) : n;
    if (fits == n) {
        *ret_next = n;
        return n;
    }
    size_t end = fits;
    while (end > 0 && text[end] != ' ')
        end--;
    size_t next = end;
    while (next < n && text[next] == ' ')
        next++;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    if (next == 0)
        return break_word(text, n, fits, ret_next);
    *ret_next = next;
    return end;
}
