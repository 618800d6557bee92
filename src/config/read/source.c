/* Lines of a text.  They break where libyaml breaks them, also at a lone CR, NEL and
 * U+2028/9, so that its line numbers are ours. */
#include "config/read/source.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

void source_fini(struct source *source)
{
    input_file_fini(&source->file);
    free(source->hidden);
    source->hidden = NULL;
    source->n_hidden = source->cap_hidden = 0;
}

/* The length of the line break at s, 0 if there is none. */
static size_t break_length(const char *s, size_t n)
{
    if (n == 0)
        return 0;
    if (s[0] == '\n')
        return 1;
    if (s[0] == '\r')
        return n > 1 && s[1] == '\n' ? 2 : 1;
    if (n > 1 && memcmp(s, "\xc2\x85", 2) == 0)
        return 2;
    return n > 2 && (memcmp(s, "\u2028", 3) == 0 || memcmp(s, "\u2029", 3) == 0) ? 3
                                                                                 : 0;
}

void source_position(const struct source *source, size_t offset, unsigned *ret_line,
                     unsigned *ret_column)
{
    const struct input_file *file = &source->file;
    unsigned line = 1, column = 1;

    for (size_t at = 0; at < offset && at < file->n;) {
        size_t length = break_length(file->bytes + at, file->n - at);
        if (length) {
            line++;
            column = 1;
        } else {
            bool begins_character = ((unsigned char)file->bytes[at] & 0xc0) != 0x80;
            column += begins_character;
        }
        at += length ? length : 1;
    }
    *ret_line = line;
    *ret_column = column;
}

bool source_find_bad_byte(const struct source *source, size_t *ret_offset)
{
    const struct input_file *file = &source->file;
    for (size_t at = 0; at < file->n;) {
        uint32_t code = (unsigned char)file->bytes[at];
        size_t length =
            code < 0x80 ? 1 : text_decode(file->bytes + at, file->n - at, &code);
        if (length == 0 || code == 0) {
            *ret_offset = at;
            return true;
        }
        at += length;
    }
    return false;
}

bool source_hide(struct source *source, unsigned first, unsigned last)
{
    if (!memory_grow(&source->hidden, &source->cap_hidden, source->n_hidden,
                     sizeof *source->hidden))
        return false;
    source->hidden[source->n_hidden++] = (struct line_range){first, last};
    return true;
}

bool source_seek(const struct source *source, struct line_cursor *cursor, unsigned line)
{
    const struct input_file *file = &source->file;
    while (cursor->line < line) {
        if (cursor->line > 0 && cursor->next >= file->n)
            return false;
        size_t at = cursor->start = cursor->next, length = 0;
        while (at < file->n &&
               (length = break_length(file->bytes + at, file->n - at)) == 0)
            at++;
        cursor->end = at;
        cursor->next = at + length;
        cursor->line++;
    }
    return true;
}
