/* JSON in one pass.
 *
 * The writer keeps one flag per level, "something is in here already", which is all
 * that a comma needs.  Its invariant: every value and every key goes through
 * before_value() or json_key(), so a document that was closed is well-formed.
 *
 * Characters that a terminal obeys or that hide from a reader are escaped,
 * although RFC 8259 allows them, because people look at JSON with cat. */
#include "base/json.h"

#include "base/octet.h"
#include "base/quantity.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void json_init(struct json *json, struct buf *buf)
{
    *json = (struct json){.buf = buf};
}

static void separate(struct json *json)
{
    if (json->has_items[json->depth])
        buf_add_char(json->buf, ',');
    json->has_items[json->depth] = true;
}

static void before_value(struct json *json)
{
    assert(json->kind[json->depth] != 'o' || json->after_key);
    assert(json->depth > 0 || !json->has_items[0]);
    if (!json->after_key)
        separate(json);
    json->after_key = false;
}

static void json_open(struct json *json, char kind, char bracket)
{
    before_value(json);
    assert(json->depth < JSON_MAX_DEPTH);
    json->depth++;
    json->kind[json->depth] = kind;
    json->has_items[json->depth] = false;
    buf_add_char(json->buf, bracket);
}

static void json_close(struct json *json, char kind, char bracket)
{
    assert(json->depth > 0 && json->kind[json->depth] == kind && !json->after_key);
    (void)kind;
    json->depth--;
    buf_add_char(json->buf, bracket);
}

void json_begin_object(struct json *json)
{
    json_open(json, 'o', '{');
}

void json_end_object(struct json *json)
{
    json_close(json, 'o', '}');
}

void json_begin_array(struct json *json)
{
    json_open(json, 'a', '[');
}

void json_end_array(struct json *json)
{
    json_close(json, 'a', ']');
}

void json_add_escaped(struct buf *buf, uint32_t code)
{
    static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";

    for (const char *form = short_forms; *form; form += 2)
        if (code == (unsigned char)*form) {
            buf_add_format(buf, "\\%c", form[1]);
            return;
        }
    if (code > 0xffff) {
        buf_add_format(buf, "\\u%04x", 0xd800 + ((code - 0x10000) >> 10));
        code = 0xdc00 + (code & 0x3ff);
    }
    buf_add_format(buf, "\\u%04x", code);
}

/* True for printable ASCII that needs no escape, which is nearly all of a document. */
static bool is_plain(char c)
{
    return (unsigned char)(c - ' ') <= '~' - ' ' && c != '"' && c != '\\';
}

size_t json_plain_length(const char *text, size_t n)
{
    size_t length = 0;
    for (; n - length >= OCTET; length += OCTET) {
        uint64_t octet = octet_load(text + length);
        if (octet_high(octet) | octet_below(octet, ' ') | octet_has(octet, '"') |
            octet_has(octet, '\\') | octet_has(octet, '\x7f'))
            break;
    }
    while (length < n && is_plain(text[length]))
        length++;
    return length;
}

void json_add_quoted(struct buf *buf, const char *bytes, size_t n)
{
    size_t done = 0, at = 0;

    buf_add_char(buf, '"');
    for (;;) {
        at += json_plain_length(bytes + at, n - at);
        if (at == n)
            break;
        uint32_t code = 0;
        size_t length = text_decode(bytes + at, n - at, &code);
        if (length && code != '"' && code != '\\' && !text_deceives(code)) {
            at += length;
            continue;
        }
        buf_add(buf, bytes + done, at - done);
        if (length)
            json_add_escaped(buf, code);
        else
            text_add_utf8(buf, 0xfffd);
        at += length ? length : 1;
        done = at;
    }
    buf_add(buf, bytes + done, n - done);
    buf_add_char(buf, '"');
}

void json_key(struct json *json, const char *key)
{
    assert(json->kind[json->depth] == 'o' && !json->after_key);
    separate(json);
    json_add_quoted(json->buf, key, strlen(key));
    buf_add_char(json->buf, ':');
    json->after_key = true;
}

void json_bytes(struct json *json, const void *bytes, size_t n)
{
    before_value(json);
    json_add_quoted(json->buf, bytes, n);
}

void json_string(struct json *json, const char *str)
{
    if (str)
        json_bytes(json, str, strlen(str));
    else
        json_null(json);
}

void json_int(struct json *json, int64_t value)
{
    before_value(json);
    buf_add_format(json->buf, "%lld", (long long)value);
}

void json_bool(struct json *json, bool value)
{
    before_value(json);
    buf_add_str(json->buf, value ? "true" : "false");
}

void json_null(struct json *json)
{
    before_value(json);
    buf_add_str(json->buf, "null");
}

void json_number(struct json *json, double value, int decimals)
{
    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    before_value(json);
    quantity_format_number(value, decimals, json->buf);
}

void json_raw(struct json *json, const char *text, size_t n)
{
    before_value(json);
    buf_add(json->buf, text, n);
}

void json_key_string(struct json *json, const char *key, const char *str)
{
    json_key(json, key);
    json_string(json, str);
}

void json_key_int(struct json *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_int(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_key_null(struct json *json, const char *key)
{
    json_key(json, key);
    json_null(json);
}
