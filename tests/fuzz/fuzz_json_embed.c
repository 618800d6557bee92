#include "base/json.h"

#include "base/text.h"
#include "fuzz.h"

/* One line without white space outside of strings, harmless, and all of its strings
 * and brackets closed. */
static void require_tidy(const struct buf *buf)
{
    int depth = 0;
    bool inside = false;
    require(buf->len > 0 && buf->len == strlen(buf->bytes));
    require_harmless(buf->bytes, buf->len);
    for (const char *at = buf->bytes; *at; at++) {
        require(*at != '\n' && *at != '\t');
        if (inside && *at == '\\')
            at++;
        else if (*at == '"')
            inside = !inside;
        else if (!inside)
            depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
        require(*at && depth >= 0 && (inside || *at != ' '));
    }
    require(depth == 0 && !inside);
}

/* What was written is JSON, so it stays the same when it is read again. */
static void check(void (*add)(struct buf *, const char *, size_t), const char *text,
                  size_t n)
{
    AUTO(buf_fini) struct buf once = BUF_INIT;
    AUTO(buf_fini) struct buf twice = BUF_INIT;
    add(&once, text, n);
    require_tidy(&once);
    json_add_embedded(&twice, once.bytes, once.len);
    require(strcmp(once.bytes, twice.bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    /* Without the NUL behind it, so that reading there is noticed. */
    AUTO(free) char *text = calloc(n ? n : 1, 1);
    require(text);
    if (n)
        memcpy(text, bytes, n);
    check(json_add_embedded, text, n);
    check(json_add_digits, text, n);

    AUTO(buf_fini) struct buf digits = BUF_INIT;
    json_add_digits(&digits, text, n);
    require(digits.bytes[0] == '"' || (digits.len == n && n > 0));
    return 0;
}
