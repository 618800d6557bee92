/* Which part of a text may be quoted in a diagnostic.
 *
 * A diagnostic shows the line that it is about, and that line may hold a password: also
 * when the YAML is too broken to know what is a value, and also under a misspelt key.
 * So this looks at the text alone and rather hides too much: behind anything that looks
 * like the key of a secret, or like the password of a URL, the rest of the line becomes
 * "***", and lines below that may belong to it are not shown at all.
 *
 * tree.c adds what the text alone cannot tell, by source_hide(). */
#include "config/read/quote.h"

#include "base/login.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST_QUOTE = 1000, FARTHEST_KEY = 1000 /* lines */, LONGEST_WORD = 64 };

static bool is_key_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || c == '-';
}

static const char *const ours[] = {"password", "sslpassword"};

static bool is_our_secret(const char *word, size_t n)
{
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
        if (strlen(ours[i]) == n && memcmp(ours[i], word, n) == 0)
            return true;
    return false;
}

/* One of our secret keys, misspelt, or run together with something. */
static bool is_like_ours(const char *word)
{
    return strcasestr(word, "passw") || text_closest(word, ours, ARRAY_SIZE(ours));
}

/* Keys with a file name as their value; a user may still have put the password there.
 */
static bool names_file(const char *word, size_t n)
{
    static const char *const ours_of_files[] = {"passfile", "password_file"};
    for (size_t i = 0; i < ARRAY_SIZE(ours_of_files); i++)
        if (strlen(ours_of_files[i]) == n && memcmp(ours_of_files[i], word, n) == 0)
            return true;
    return false;
}

bool quote_is_path(const char *text, size_t n)
{
    static const char *const beginnings[] = {"./", "../", "~/", "${"};
    for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++) {
        size_t length = strlen(beginnings[i]);
        if (n >= length && memcmp(text, beginnings[i], length) == 0)
            return true;
    }
    return n > 1 && text[0] == '/' && memchr(text + 1, '/', n - 1);
}

static bool copy_word(const char *from, size_t n, char *word, size_t size)
{
    if (n == 0 || n >= size || names_file(from, n))
        return false;
    memcpy(word, from, n);
    word[n] = '\0';
    return true;
}

bool quote_is_secret_key(const char *key, size_t n)
{
    static const char *const parts[] = {
        "pass", "pwd", "secret", "token", "credential", "scram_client", "scram_server",
    };
    char word[LONGEST_WORD];

    if (!copy_word(key, n, word, sizeof word))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (strcasestr(word, parts[i]))
            return true;
    return strcasecmp(word, "pw") == 0 || is_like_ours(word);
}

/* Whether a secret begins behind the word, or in it.  Without a colon, as in a broken
 * line, only words like our own keys count: a group may be called "tokens". */
static bool names_secret(const char *line, size_t n, size_t length, size_t *ret_offset)
{
    char word[LONGEST_WORD];
    size_t behind = length;

    while (behind < n && strchr("'\" :=", line[behind]))
        behind++;
    if (memchr(line, ':', behind) || memchr(line, '=', behind)) {
        *ret_offset = behind;
        if (names_file(line, length))
            return behind < n && !quote_is_path(line + behind, n - behind);
        return quote_is_secret_key(line, length);
    }
    *ret_offset = is_our_secret(line, length) ? behind : 0;
    return copy_word(line, length, word, sizeof word) && is_like_ours(word);
}

/* The name in ${NAME} is no secret. */
static bool is_variable(const char *line, size_t n, size_t at, size_t length)
{
    return at >= 2 && memcmp(line + at - 2, "${", 2) == 0 && at + length < n &&
           line[at + length] == '}';
}

static bool find_key(const char *line, size_t n, size_t *ret_offset)
{
    for (size_t at = 0; at < n;) {
        size_t length = 0, offset;
        while (at + length < n && is_key_char(line[at + length]))
            length++;
        if (length && !is_variable(line, n, at, length) &&
            names_secret(line + at, n - at, length, &offset)) {
            *ret_offset = at + offset;
            return true;
        }
        at += length ? length : 1;
    }
    return false;
}

static bool find_secret(const char *line, size_t n, size_t *ret_offset)
{
    size_t login = n, key = n;
    bool found = login_find(line, n, &login);

    found |= find_key(line, n, &key);
    if (found)
        *ret_offset = login < key ? login : key;
    return found;
}

/* ---- secrets on lines of their own ---- */

static bool begins_entry(const char *line, size_t n)
{
    size_t length = 0;
    while (length < n && is_key_char(line[length]))
        length++;
    size_t at = length;
    while (at < n && strchr("'\" ", line[at]))
        at++;
    return length > 0 && at < n && line[at] == ':' &&
           (at + 1 == n || line[at + 1] == ' ' || line[at + 1] == '\t');
}

static size_t indentation(const char *line, size_t n)
{
    size_t depth = 0;
    while (depth < n && line[depth] == ' ')
        depth++;
    return depth;
}

/* The depth of the entry that begins on this line: what is not indented deeper cannot
 * be part of a value above it.  A dash counts one deeper, because it may stand in the
 * column of its key.  SIZE_MAX: no entry begins. */
static size_t depth_of_entry(const char *line, size_t n)
{
    size_t depth = indentation(line, n);
    if (depth < n && line[depth] == '-' && (depth + 1 == n || line[depth + 1] == ' '))
        return depth + 1;
    return begins_entry(line + depth, n - depth) ? depth : SIZE_MAX;
}

/* Whether an entry at that depth may belong to a secret on that line.  On a line that
 * begins with "- " new entries begin at the dash, or where the text behind it does. */
static bool is_below(size_t depth, const char *line, size_t n)
{
    size_t dash = indentation(line, n);
    if (depth <= dash)
        return false;
    if (n - dash < 2 || memcmp(line + dash, "- ", 2) != 0)
        return true;
    size_t text = dash + 1 + indentation(line + dash + 1, n - dash - 1);
    return depth != dash + 1 && depth != text;
}

/* Whether the line may belong to a secret that has its key above: the key has nothing
 * behind it and nothing but empty lines below, or all lines from there are deeper or
 * begin no entry. */
static bool continues_secret(const struct source *source, size_t start, size_t end)
{
    const char *bytes = source->file.bytes;
    size_t depth = depth_of_entry(bytes + start, end - start), secret;
    bool next = true;

    for (unsigned i = 0; i < FARTHEST_KEY && start > 0; i++) {
        end = start - 1;
        for (start = end; start > 0 && !strchr("\r\n", bytes[start - 1]);)
            start--;
        const char *line = bytes + start;
        if (find_secret(line, end - start, &secret))
            return is_below(depth, line, end - start) ||
                   (next && secret == end - start);
        next &= indentation(line, end - start) == end - start;
        size_t above = depth_of_entry(line, end - start);
        depth = above < depth ? above : depth;
    }
    return false;
}

static bool is_hidden(const struct source *source, unsigned line)
{
    for (size_t i = 0; i < source->n_hidden; i++)
        if (line >= source->hidden[i].first && line <= source->hidden[i].last)
            return true;
    return false;
}

static unsigned count_characters(const char *text, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

char *quote_line(const struct source *source, const struct line_cursor *cursor,
                 unsigned column)
{
    const char *line = source->file.bytes + cursor->start;
    size_t n = cursor->end - cursor->start;

    if (n > LONGEST_QUOTE || is_hidden(source, cursor->line) ||
        continues_secret(source, cursor->start, cursor->end))
        return NULL;
    size_t secret;
    if (!find_secret(line, n, &secret) || secret == n)
        return strndup(line, n);
    /* A caret behind the masked secret would stand in a wrong column. */
    if (count_characters(line, secret) + 1 < column)
        return NULL;
    return memory_format("%.*s***", (int)secret, line);
}

struct quoted quoted(const char *text)
{
    struct quoted quoted;
    char safe[sizeof quoted.text - 8];
    size_t n = strlen(text), secret = n;

    /* If a line is broken, the text may hold the secret of another key. */
    find_secret(text, n, &secret);
    text_copy_safe(safe, sizeof safe, text, secret);
    snprintf(quoted.text, sizeof quoted.text, "\"%s%s\"", safe,
             secret < n ? "..." : "");
    return quoted;
}
