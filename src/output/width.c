/* How much room text takes on a terminal.
 *
 * wcwidth() of the C library is of no use: in the C locale, which cron has, it knows
 * ASCII only.  Without utf8proc every character counts as one column, which is wrong
 * for wide and combining ones but never breaks anything except the alignment. */
#include "output/width.h"

#include "base/text.h"
#include "built_with.h"

#include <string.h>

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

/* The end of the last piece of the first fits bytes that ends in one of those marks;
 * 0 if that would leave the line less than half full. */
static size_t last_mark(const char *text, size_t fits, const char *marks)
{
    size_t end = fits;
    while (end > fits / 2 && !memchr(marks, text[end - 1], strlen(marks)))
        end--;
    return end > fits / 2 ? end : 0;
}

/* Where a line breaks that has no blank in a good place: lists of names at commas,
 * names and addresses at their joints, everything else anywhere. */
static size_t break_word(const char *text, size_t n, size_t fits)
{
    size_t end = last_mark(text, fits, ",");
    if (end == 0)
        end = last_mark(text, fits, "/.:-@_=");
    if (end == 0)
        end = fits;
    /* A wide character sticks out of a narrow column: better than not being printed. */
    if (end == 0)
        next_width(text, n, &end);
    return end;
}

size_t text_break(const char *text, size_t n, size_t columns, size_t *ret_next)
{
    size_t fits = columns ? text_fit(text, n, columns) : n;
    if (fits == n) {
        *ret_next = n;
        return n;
    }
    size_t blank = fits;
    while (blank > 0 && text[blank] != ' ')
        blank--;
    size_t end = blank, next = blank;
    while (next < n && text[next] == ' ')
        next++;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    if (next == 0 || (end <= fits / 2 && last_mark(text, fits, ",")))
        next = end = break_word(text, n, fits);
    *ret_next = next;
    return end;
}
