/* JSON that a server sent, inside of ours.
 *
 * A reader of one grammar rule each walks the text and copies it, without the white
 * space between its parts, so that a line of NDJSON stays a line.  Invariant: what has
 * been copied is always the beginning of something well-formed; at the first byte that
 * is not, all of it is taken back and the text is written as a string instead.
 *
 * The surprise: well-formed strings are written anew where a character in them would
 * act on a terminal or hide from a reader.  RFC 8259 lets it stand, we do not. */
#include "base/json.h"

#include "base/text.h"

#include <string.h>

enum { DEEPEST = 64 };

struct walk {
    const char *at, *end;
    struct buf *out;
    unsigned depth;
};

static bool walk_value(struct walk *walk);

static char peek(const struct walk *walk)
{
    return walk->at < walk->end ? *walk->at : '\0';
}

static void skip_space(struct walk *walk)
{
    while (walk->at < walk->end && strchr(" \t\r\n", *walk->at) && *walk->at)
        walk->at++;
}

static void copy(struct walk *walk, size_t n)
{
    buf_add(walk->out, walk->at, n);
    walk->at += n;
}

static bool take(struct walk *walk, char c)
{
    if (peek(walk) != c)
        return false;
    copy(walk, 1);
    return true;
}

static bool walk_word(struct walk *walk, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(walk->end - walk->at) < n || memcmp(walk->at, word, n) != 0)
        return false;
    copy(walk, n);
    return true;
}

static size_t count_digits(const struct walk *walk)
{
    size_t n = 0;
    while (walk->at + n < walk->end && walk->at[n] >= '0' && walk->at[n] <= '9')
        n++;
    return n;
}

static bool walk_digits(struct walk *walk)
{
    size_t n = count_digits(walk);
    copy(walk, n);
    return n > 0;
}

static bool walk_number(struct walk *walk)
{
    take(walk, '-');
    if (peek(walk) == '0' ? !take(walk, '0') : !walk_digits(walk))
        return false;
    if (take(walk, '.') && !walk_digits(walk))
        return false;
    if (!take(walk, 'e') && !take(walk, 'E'))
        return true;
    if (!take(walk, '+'))
        take(walk, '-');
    return walk_digits(walk);
}

static bool walk_escape(struct walk *walk)
{
    static const char hexadecimal[] = "0123456789abcdefABCDEF";
    size_t n = 2;
    if (walk->end - walk->at < 2)
        return false;
    if (walk->at[1] == 'u')
        n = 6;
    else if (!strchr("\"\\/bfnrt", walk->at[1]) || !walk->at[1])
        return false;
    if ((size_t)(walk->end - walk->at) < n)
        return false;
    for (size_t i = 2; i < n; i++)
        if (!walk->at[i] || !strchr(hexadecimal, walk->at[i]))
            return false;
    copy(walk, n);
    return true;
}

/* One character that is no escape; false: it may not stand there. */
static bool walk_character(struct walk *walk)
{
    uint32_t code;
    size_t n = text_decode(walk->at, (size_t)(walk->end - walk->at), &code);
    if (n == 0 || code < 0x20)
        return false;
    if (!text_deceives(code)) {
        copy(walk, n);
        return true;
    }
    json_add_escaped(walk->out, code);
    walk->at += n;
    return true;
}

static bool walk_string(struct walk *walk)
{
    if (!take(walk, '"'))
        return false;
    while (walk->at < walk->end && *walk->at != '"')
        if (*walk->at == '\\' ? !walk_escape(walk) : !walk_character(walk))
            return false;
    return take(walk, '"');
}

static bool walk_member(struct walk *walk, bool named)
{
    skip_space(walk);
    if (named) {
        if (!walk_string(walk))
            return false;
        skip_space(walk);
        if (!take(walk, ':'))
            return false;
    }
    return walk_value(walk);
}

static bool walk_list(struct walk *walk, char first, char last)
{
    if (++walk->depth > DEEPEST)
        return false;
    take(walk, first);
    skip_space(walk);
    if (!take(walk, last)) {
        do
            if (!walk_member(walk, first == '{'))
                return false;
        while (take(walk, ','));
        if (!take(walk, last))
            return false;
    }
    walk->depth--;
    return true;
}

static bool walk_value(struct walk *walk)
{
    bool good;
    skip_space(walk);
    switch (peek(walk)) {
    case '{':
        good = walk_list(walk, '{', '}');
        break;
    case '[':
        good = walk_list(walk, '[', ']');
        break;
    case '"':
        good = walk_string(walk);
        break;
    case 't':
        good = walk_word(walk, "true");
        break;
    case 'f':
        good = walk_word(walk, "false");
        break;
    case 'n':
        good = walk_word(walk, "null");
        break;
    default:
        good = walk_number(walk);
        break;
    }
    skip_space(walk);
    return good;
}

static void add(struct buf *buf, const char *text, size_t n,
                bool (*walk_all)(struct walk *))
{
    size_t before = buf->len;
    struct walk walk = {.at = text, .end = text + n, .out = buf};
    if (walk_all(&walk) && walk.at == walk.end)
        return;
    if (!buf->broken)
        buf_cut(buf, before);
    json_add_quoted(buf, text, n);
}

void json_add_digits(struct buf *buf, const char *text, size_t n)
{
    add(buf, text, n, walk_number);
}

void json_add_embedded(struct buf *buf, const char *text, size_t n)
{
    add(buf, text, n, walk_value);
}
