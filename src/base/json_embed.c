/* JSON that a server sent, inside of ours.
 *
 * One function for each grammar rule walks the text and copies it, without the
 * white space between its parts, so that a line of NDJSON stays a line.
 * Invariant: the copy is always the beginning of a well-formed text; at the
 * first byte that breaks it, the copy is taken back and the text is written as
 * a string instead.
 *
 * A character that acts on a terminal or hides from a reader is escaped in
 * well-formed strings, too, although RFC 8259 allows it. */
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

static char embed_peek(const struct walk *walk)
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

static bool embed_take(struct walk *walk, char c)
{
    if (embed_peek(walk) != c)
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

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* The end of the number that begins there; NULL: none does. */
static const char *end_of_number(const char *at, const char *end)
{
    at += at < end && *at == '-';
    const char *whole = at;
    at = skip_digits(at, end);
    if (at == whole || (*whole == '0' && at > whole + 1))
        return NULL;
    if (at < end && *at == '.') {
        const char *part = ++at;
        at = skip_digits(at, end);
        if (at == part)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        const char *exponent = at;
        at = skip_digits(at, end);
        if (at == exponent)
            return NULL;
    }
    return at;
}

static bool walk_number(struct walk *walk)
{
    const char *end = end_of_number(walk->at, walk->end);
    if (end)
        copy(walk, (size_t)(end - walk->at));
    return end;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of an escape such as \u00e9; false: none is there. */
static bool read_unit(const char *at, const char *end, unsigned *ret_unit)
{
    unsigned unit = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return false;
    for (size_t i = 2; i < 6; i++) {
        int digit = digit_of(at[i]);
        if (digit < 0)
            return false;
        unit = unit << 4 | (unsigned)digit;
    }
    *ret_unit = unit;
    return true;
}

/* An escape stays as it is.  Half of a surrogate pair is refused, because it is
 * no character and some readers refuse the document. */
static bool walk_escape(struct walk *walk)
{
    unsigned unit, second;
    if (walk->end - walk->at < 2)
        return false;
    if (walk->at[1] != 'u') {
        bool known = walk->at[1] && strchr("\"\\/bfnrt", walk->at[1]);
        if (known)
            copy(walk, 2);
        return known;
    }
    if (!read_unit(walk->at, walk->end, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
        return false;
    bool is_half = unit >= 0xd800 && unit <= 0xdbff;
    if (is_half && (!read_unit(walk->at + 6, walk->end, &second) || second < 0xdc00 ||
                    second > 0xdfff))
        return false;
    copy(walk, is_half ? 12 : 6);
    return true;
}

/* Copies one character that is no escape; false: it is not allowed there. */
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
    if (!embed_take(walk, '"'))
        return false;
    for (;;) {
        copy(walk, json_plain_length(walk->at, (size_t)(walk->end - walk->at)));
        if (walk->at == walk->end || *walk->at == '"')
            return embed_take(walk, '"');
        if (*walk->at == '\\' ? !walk_escape(walk) : !walk_character(walk))
            return false;
    }
}

static bool walk_member(struct walk *walk, bool named)
{
    skip_space(walk);
    if (named) {
        if (!walk_string(walk))
            return false;
        skip_space(walk);
        if (!embed_take(walk, ':'))
            return false;
    }
    return walk_value(walk);
}

static bool walk_list(struct walk *walk, char first, char last)
{
    if (++walk->depth > DEEPEST)
        return false;
    embed_take(walk, first);
    skip_space(walk);
    if (!embed_take(walk, last)) {
        do
            if (!walk_member(walk, first == '{'))
                return false;
        while (embed_take(walk, ','));
        if (!embed_take(walk, last))
            return false;
    }
    walk->depth--;
    return true;
}

static bool walk_value(struct walk *walk)
{
    bool good;
    skip_space(walk);
    switch (embed_peek(walk)) {
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

void json_add_digits(struct buf *buf, const char *text, size_t n)
{
    if (end_of_number(text, text + n) == text + n)
        buf_add(buf, text, n);
    else
        json_add_quoted(buf, text, n);
}

void json_add_embedded(struct buf *buf, const char *text, size_t n)
{
    size_t before = buf->len;
    struct walk walk = {.at = text, .end = text + n, .out = buf};
    if (walk_value(&walk) && walk.at == walk.end)
        return;
    if (!buf->broken)
        buf_cut(buf, before);
    json_add_quoted(buf, text, n);
}
