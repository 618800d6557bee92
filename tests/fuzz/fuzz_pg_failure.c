#include "base/text.h"
#include "pg/failure.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = fuzz_string(bytes, n);
    char sqlstate[6] = "?", message[64];
    bool has = pg_failure_parse(text, sqlstate, message, sizeof message);
    require(has ? strlen(sqlstate) == 5 && strstr(text, sqlstate)
                : strcmp(sqlstate, "?") == 0);
    require(memchr(message, '\0', sizeof message) && !strchr(message, '\n'));
    require(pgcensus_class_name(pg_text_class(text, PGCENSUS_PHASE_AUTH)));
    require(pgcensus_class_name(pg_sqlstate_class(sqlstate, n % 2)));

    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_AUTH, text, NULL, "%s",
                   text);
    is_safe_line(failure.message);
    require(strlen(failure.sqlstate) == 0 || strlen(failure.sqlstate) == 5);
    free(text);
    return 0;
}
