/* Cleaning text of secrets.
 *
 * Every secret is a needle, filed under its first byte, so that a text is
 * walked once whatever the number of secrets.  At each position the longest
 * match wins, in any of the spellings in which a library may quote a secret.
 * The base64 form is a needle of its own.
 *
 * libpq splits connection strings at blanks and URIs at @ : / and then complains about
 * one piece: the pieces are needles too, but only as whole words, because a password
 * like "my post" must not turn "postgres" into stars.
 *
 * If memory runs out, the text is dropped rather than shown. */
#include "base/secrets.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

enum { SHORTEST_SECRET = 3, N_SPELLINGS = 5 };

static const char stars[] = "***";

struct needle {
    struct needle *next;
    size_t len;
    bool whole_word;
    char bytes[];
};

struct secrets {
    struct needle *by_first[256];
    size_t n;
};

/* How a byte of a secret may be quoted: as itself and, if special, behind a lead. */
struct secret_spelling {
    const char *special;
    char lead;    /* 0: the byte itself, doubled */
    bool percent; /* %41, any byte */
};

static const struct secret_spelling spellings[N_SPELLINGS] = {
    {.special = ""},                    /* raw */
    {.special = "", .percent = true},   /* URI */
    {.special = "'\""},                 /* SQL: '' and "" */
    {.special = "'\"\\"},               /* SQL with escapes: also \\ */
    {.special = "'\"\\", .lead = '\\'}, /* conninfo, C, JSON: \' and \\ */
};

struct secrets *secrets_new(void)
{
    return memory_new(struct secrets);
}

static void free_needle(struct needle *needle)
{
    explicit_bzero(needle->bytes, needle->len);
    free(needle);
}

void secrets_free(struct secrets *secrets)
{
    if (!secrets)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(secrets->by_first); i++)
        while (secrets->by_first[i]) {
            struct needle *needle = secrets->by_first[i];
            secrets->by_first[i] = needle->next;
            free_needle(needle);
        }
    free(secrets);
}

size_t secrets_count(const struct secrets *secrets)
{
    return secrets->n;
}

enum added { ADDED_NOTHING, ADDED, ADDED_NO_MEMORY };

static enum added add_needle(struct secrets *secrets, const char *bytes, size_t len,
                             bool whole_word)
{
    struct needle **head = &secrets->by_first[(unsigned char)*bytes];
    for (struct needle *known = *head; known; known = known->next)
        if (known->len == len && memcmp(known->bytes, bytes, len) == 0) {
            bool news = known->whole_word && !whole_word;
            known->whole_word &= whole_word;
            return news ? ADDED : ADDED_NOTHING;
        }

    struct needle *needle = memory_array(1, sizeof *needle + len);
    if (!needle)
        return ADDED_NO_MEMORY;
    memcpy(needle->bytes, bytes, len);
    needle->len = len;
    needle->whole_word = whole_word;
    needle->next = *head;
    *head = needle;
    return ADDED;
}

static bool add_pieces(struct secrets *secrets, const char *secret)
{
    static const char separators[] = " \t\r\n@:/?#&=,'\"";

    for (const char *at = secret; *at;) {
        size_t len = strcspn(at, separators);
        if (len >= SHORTEST_SECRET &&
            add_needle(secrets, at, len, true) == ADDED_NO_MEMORY)
            return false;
        at += len;
        at += strspn(at, separators);
    }
    return true;
}

static void wipe(struct buf *buf)
{
    explicit_bzero(buf->bytes, buf->len);
    buf_fini(buf);
}
AUTO_DEFINE_VALUE(struct buf, wipe)

static bool add_base64(struct secrets *secrets, const char *secret, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    AUTO(wipe) struct buf encoded = BUF_INIT;

    /* Reserve all at once: growing would leave copies in freed memory. */
    buf_reserve(&encoded, (len + 2) / 3 * 4);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = 0;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (i + j < len ? (unsigned char)secret[i + j] : 0);
        for (size_t j = 0; j < 4 && i + j <= len; j++)
            buf_add_char(&encoded, alphabet[bits >> (18 - 6 * j) & 0x3f]);
    }
    return !encoded.broken &&
           add_needle(secrets, encoded.bytes, encoded.len, false) != ADDED_NO_MEMORY;
}

bool secrets_add(struct secrets *secrets, const char *secret)
{
    size_t len = strlen(secret);
    if (len == 0)
        return true;
    switch (add_needle(secrets, secret, len, len < SHORTEST_SECRET)) {
    case ADDED_NOTHING:
        return true;
    case ADDED_NO_MEMORY:
        return false;
    case ADDED:
        break;
    }
    secrets->n++;
    return len < SHORTEST_SECRET ||
           (add_base64(secrets, secret, len) && add_pieces(secrets, secret));
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that text spells as %41, or -1. */
static int percent_byte(const char *text, size_t n)
{
    if (n < 3 || text[0] != '%')
        return -1;
    int high = hex_value(text[1]), low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* The number of bytes of text that spell that one byte; 0: they do not. */
static size_t match_byte(const struct secret_spelling *spelling, unsigned char byte,
                         const char *text, size_t n)
{
    if (n == 0)
        return 0;
    if (spelling->percent && percent_byte(text, n) == byte)
        return 3;
    if (byte && strchr(spelling->special, byte)) {
        char lead = spelling->lead ? spelling->lead : (char)byte;
        return n >= 2 && text[0] == lead && (unsigned char)text[1] == byte ? 2 : 0;
    }
    return (unsigned char)text[0] == byte;
}

static bool is_secret_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || (unsigned char)c >= 0x80;
}

static size_t match_needle(const struct needle *needle, const char *text, size_t n,
                           bool after_word)
{
    size_t longest = 0;

    if (needle->whole_word && after_word)
        return 0;
    for (size_t i = 0; i < N_SPELLINGS; i++) {
        size_t used = 0, at = 0;
        for (; at < needle->len; at++) {
            size_t length = match_byte(&spellings[i], (unsigned char)needle->bytes[at],
                                       text + used, n - used);
            if (length == 0)
                break;
            used += length;
        }
        bool ends = !needle->whole_word || used == n || !is_secret_word(text[used]);
        if (at == needle->len && ends && used > longest)
            longest = used;
    }
    return longest;
}

static size_t match_chain(const struct needle *needle, const char *text, size_t n,
                          bool after_word, size_t longest)
{
    for (; needle; needle = needle->next) {
        size_t length = match_needle(needle, text, n, after_word);
        if (length > longest)
            longest = length;
    }
    return longest;
}

/* The length of the secret that text begins with; 0 if it begins with none. */
static size_t match_any(const struct secrets *secrets, const char *text, size_t n,
                        bool after_word)
{
    size_t longest =
        match_chain(secrets->by_first[(unsigned char)*text], text, n, after_word, 0);
    int byte = percent_byte(text, n);
    if (byte >= 0)
        longest = match_chain(secrets->by_first[byte], text, n, after_word, longest);
    if (*text == '\\' && n > 1)
        longest = match_chain(secrets->by_first[(unsigned char)text[1]], text, n,
                              after_word, longest);
    return longest;
}

void secrets_redact(const struct secrets *secrets, struct buf *buf)
{
    if (!secrets || secrets->n == 0 || buf->broken)
        return;

    struct buf clean = BUF_INIT;
    for (size_t at = 0; at < buf->len;) {
        bool after_word = at > 0 && is_secret_word(buf->bytes[at - 1]);
        size_t length = match_any(secrets, buf->bytes + at, buf->len - at, after_word);
        if (length)
            buf_add_str(&clean, stars);
        else
            buf_add_char(&clean, buf->bytes[at]);
        at += length ? length : 1;
    }
    explicit_bzero(buf->bytes, buf->len);
    buf_fini(buf);
    *buf = clean;
}

void secrets_redact_array(const struct secrets *secrets, char *text, size_t size)
{
    if (!secrets || secrets->n == 0 || size == 0)
        return;
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, text);
    secrets_redact(secrets, &buf);
    text_copy(text, size, buf.broken ? stars : buf.bytes);
}
