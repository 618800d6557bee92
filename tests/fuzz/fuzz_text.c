#include "base/text.h"

#include "fuzz.h"

static void check_shown(const uint8_t *bytes, size_t n)
{
    AUTO(buf_fini) struct buf shown = BUF_INIT;
    char copy[48];
    text_add_safe(&shown, bytes, n);
    require(strlen(shown.bytes) == shown.len);
    require_harmless(shown.bytes, shown.len);
    text_copy_safe(copy, sizeof copy, bytes, n);
    require(shown.len >= sizeof copy || strcmp(copy, shown.bytes) == 0);
    require_harmless(copy, strlen(copy));
}

/* The input's lines as names, patterns and words. */
static void check_words(char *text)
{
    AUTO(buf_fini) struct buf folded = BUF_INIT;
    const char *words[64];
    size_t n = 0;
    for (char *word = strtok(text, "\n"); word && n < 64; word = strtok(NULL, "\n"))
        words[n++] = word;
    text_add_folded(&folded, words, n);
    require_harmless(folded.bytes, folded.len);
    for (size_t i = 1; i < n; i++) {
        text_glob(words[0], words[i]);
        const char *closest = text_closest(words[i], words, n);
        require(strlen(words[i]) > 64 || (closest && strcmp(closest, words[i]) == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(free) char *text = fuzz_string(bytes, n);
    check_shown(bytes, n);
    check_words(text);
    return 0;
}
