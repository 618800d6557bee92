/* Being made safe can make a line longer, and a character can be two columns wide, so
 * the caret stands below the display column of its character and not below its number.
 */
#include "report/excerpt.h"

#include "base/text.h"
#include "output/width.h"

enum {
    LONGEST_LINE = 100, /* characters shown of a line */
    BEFORE_CARET = 60,
};

size_t excerpt_skip(const char *text, size_t n, size_t characters)
{
    size_t at = 0;
    for (; characters > 0 && at < n; characters--) {
        uint32_t code;
        size_t length = text_decode(text + at, n - at, &code);
        at += length ? length : 1;
    }
    return at;
}

void excerpt_add(const struct excerpt *excerpt, const char *label, struct buf *out)
{
    const char *line = excerpt->line;
    size_t n = excerpt->n, before = excerpt->column ? excerpt->column - 1 : 0;
    size_t hidden = before > BEFORE_CARET ? before - BEFORE_CARET : 0;
    size_t start = excerpt_skip(line, n, hidden);
    size_t caret = start + excerpt_skip(line + start, n - start, before - hidden);
    size_t end = start + excerpt_skip(line + start, n - start, LONGEST_LINE);
    AUTO(buf_fini) struct buf shown = BUF_INIT;

    buf_add_str(&shown, label);
    if (start > 0)
        buf_add_str(&shown, "…");
    text_add_safe(&shown, line + start, caret - start);
    size_t column = text_width(shown.bytes, shown.len);
    text_add_safe(&shown, line + caret, end - caret);
    if (end < n)
        buf_add_str(&shown, "…");
    buf_add(out, shown.bytes, shown.len);
    buf_add_char(out, '\n');
    if (excerpt->column) {
        buf_add_repeat(out, ' ', column);
        buf_add_str(out, "^\n");
    }
    out->broken |= shown.broken;
}
