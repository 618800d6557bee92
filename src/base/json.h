/* Writes JSON into a buf, RFC 8259, in one pass.  It takes care of commas and
 * nesting; misuse (a key outside an object, an end too many) is an assertion.
 *
 * Strings may hold any bytes: invalid UTF-8 becomes U+FFFD, control bytes are escaped,
 * so the document is valid whatever a server sent. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_MAX_DEPTH = 32 };

struct json {
    struct buf *buf;
    unsigned depth;
    bool has_items[JSON_MAX_DEPTH + 1];
    char kind[JSON_MAX_DEPTH + 1]; /* 'o' object, 'a' array, 0 top */
    bool after_key;
};

void json_init(struct json *json, struct buf *buf);

void json_begin_object(struct json *json);
void json_end_object(struct json *json);
void json_begin_array(struct json *json);
void json_end_array(struct json *json);
void json_key(struct json *json, const char *key);

void json_string(struct json *json, const char *str); /* NULL → null */
void json_bytes(struct json *json, const void *bytes, size_t n);
void json_int(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/* value with that many decimals, trailing zeros cut; NaN and infinities → null */
void json_number(struct json *json, double value, int decimals);
/* text that is already JSON, such as a number with all its digits */
void json_raw(struct json *json, const char *text, size_t n);

/* key and value in one, the common case */
void json_key_string(struct json *json, const char *key, const char *str);
void json_key_int(struct json *json, const char *key, int64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_null(struct json *json, const char *key);

/* ---- values without a writer: for callers that write the same row often ---- */

/* Writes a string with its quotes. */
void json_add_quoted(struct buf *buf, const char *bytes, size_t n);
/* The number of bytes at the beginning that need no escape in a string. */
size_t json_plain_length(const char *text, size_t n);
/* Writes a character of a string as an escape: \n, \u202e. */
void json_add_escaped(struct buf *buf, uint32_t code);
/* Write a server's text that should be a number, or any JSON; if it is not, it
 * becomes a string.  Digits stay as they are.  JSON loses the white space
 * between its parts, and deceptive characters in its strings are escaped.  JSON
 * nested deeper than 64 levels becomes a string as well. */
void json_add_digits(struct buf *buf, const char *text, size_t n);
void json_add_embedded(struct buf *buf, const char *text, size_t n);

#endif
