#include "base/text.h"
#include "pg/failure.h"
#include "pg/sqlstate.h"

#include "fuzz.h"

static void is_safe_line(const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        uint32_t code;
        size_t length = text_decode(text, n, &code);
        require(length > 0 && !text_deceives(code));
        text += length;
        n -= length;
    }
}

/* What libpq never said has words of ours instead. */
static void lies_within(struct pg_words words, const char *text)
{
    size_t n = strlen(text);
    require(words.n >= 0);
    bool ours = words.n > 0 && strncmp(words.text, "the server closed", 17) == 0;
    require(words.n == 0 || ours ||
            (words.text >= text && words.text + words.n <= text + n));
}

static void holds_safe_lines(const struct pgcensus_failure *failure)
{
    const char *detail = pgcensus_failure_detail(failure);
    const char *hint = pgcensus_failure_hint(failure);
    is_safe_line(failure->message);
    if (detail)
        is_safe_line(detail);
    if (hint)
        is_safe_line(hint);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = fuzz_string(bytes, n);
    struct pg_told told;
    bool has = pg_told_parse(text, &told);
    require(has ? strlen(told.sqlstate) == 5 && strstr(text, told.sqlstate)
                : *told.sqlstate == '\0');
    require(has || !memchr(told.message.text, '\n', (size_t)told.message.n));
    lies_within(told.severity, text);
    lies_within(told.message, text);
    lies_within(told.detail, text);
    lies_within(told.hint, text);
    require(pgcensus_class_name(pg_text_class(text, PGCENSUS_PHASE_AUTH)));
    require(pgcensus_class_name(pg_sqlstate_class(told.sqlstate, n % 2)));

    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_AUTH, text, NULL, "%s",
                   text);
    is_safe_line(failure.message);
    require(strlen(failure.sqlstate) == 0 || strlen(failure.sqlstate) == 5);
    pg_failure_tell(&failure, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, NULL, &told);
    holds_safe_lines(&failure);
    pg_failure_append(&failure, "; and more");
    holds_safe_lines(&failure);
    pg_failure_reword(&failure, "something else");
    holds_safe_lines(&failure);
    free(text);
    return 0;
}
