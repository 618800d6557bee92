/* Writes JSON into a buf, RFC 8259, in one pass.  Commas and nesting are its business;
 * misuse (a key outside an object, an end too many) is an assertion.
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

/* ---- values without a writer: for those who write the same row often ---- */

/* A string, quotes and all. */
void json_add_quoted(struct buf *buf, const char *bytes, size_t n);
/* How many bytes at the beginning stand for themselves in a string. */
size_t json_plain_length(const char *text, size_t n);
/* A character in a string as an escape: \n, \u202e. */
void json_add_escaped(struct buf *buf, uint32_t code);
/* What somebody else says is a number, or any JSON: it is looked at, and becomes a
 * string if it is not.  Digits stay as they are; other JSON is written without the
 * white space between its parts, and what hides in its strings is escaped.  What is
 * nested deeper than 64 levels is a string as well. */
void json_add_digits(struct buf *buf, const char *text, size_t n);
void json_add_embedded(struct buf *buf, const char *text, size_t n);

#endif
