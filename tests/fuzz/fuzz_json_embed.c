#include "base/json.h"

#include "base/text.h"
#include "fuzz.h"

/* Whatever a server calls JSON: one value comes out, on one line, nothing in it
 * deceives, and it stays the same when it is read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(free) char *text = fuzz_string(bytes, n);
    AUTO(buf_fini) struct buf once = BUF_INIT;
    AUTO(buf_fini) struct buf twice = BUF_INIT;
    AUTO(buf_fini) struct buf digits = BUF_INIT;

    json_add_embedded(&once, text, n);
    require(once.len > 0);
    for (size_t at = 0; at < once.len;) {
        uint32_t code = 0;
        size_t length = text_decode(once.bytes + at, once.len - at, &code);
        require(length > 0 && !text_deceives(code));
        at += length;
    }
    json_add_embedded(&twice, once.bytes, once.len);
    require(twice.len == once.len && memcmp(twice.bytes, once.bytes, once.len) == 0);

    json_add_digits(&digits, text, n);
    require(digits.bytes[0] == '"' || (digits.len == n && n > 0));
    return 0;
}
