#include "base/json.h"

#include "base/text.h"
#include "fuzz.h"

/* Behind the opening quote: nothing raw but harmless characters, every escape whole. */
static size_t skip_string(const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint32_t code = 0;
        size_t length = text_decode(text + at, n - at, &code);
        require(length > 0 && !text_deceives(code));
        if (code == '"')
            return at + 1;
        if (code == '\\') {
            char letter = text[at + 1];
            require(strchr("bfnrtu\"\\", letter) && letter);
            if (letter == 'u')
                require(strspn(text + at + 2, "0123456789abcdef") >= 4);
            length = letter == 'u' ? 6 : 2;
        }
        at += length;
    }
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(free) char *text = fuzz_string(bytes, n);
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    struct json json;
    double number = 0;

    memcpy(&number, text, n < sizeof number ? n : sizeof number);
    json_init(&json, &buf);
    json_begin_object(&json);
    json_key_string(&json, text, text);
    json_key(&json, "bytes");
    json_bytes(&json, bytes, n);
    json_key(&json, "number");
    json_number(&json, number, 3);
    json_end_object(&json);

    require(buf.len == strlen(buf.bytes) && buf.bytes[0] == '{' && buf.bytes[1] == '"');
    size_t at = 2 + skip_string(buf.bytes + 2, buf.len - 2);
    require(strncmp(buf.bytes + at, ":\"", 2) == 0);
    at += 2 + skip_string(buf.bytes + at + 2, buf.len - at - 2);
    require(strncmp(buf.bytes + at, ",\"bytes\":\"", 10) == 0);
    at += 10 + skip_string(buf.bytes + at + 10, buf.len - at - 10);
    require(strncmp(buf.bytes + at, ",\"number\":", 10) == 0);
    require(buf.bytes[buf.len - 1] == '}');
    return 0;
}
