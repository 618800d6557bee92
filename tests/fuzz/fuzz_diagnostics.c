#include "fuzz.h"
#include "report/diagnostics.h"

/* Two bytes are the column, the rest is everything that can be text. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return 0;
    AUTO(free) char *text = fuzz_string(bytes + 2, n - 2);
    AUTO(buf_fini) struct buf shown = BUF_INIT;
    AUTO(buf_fini) struct buf document = BUF_INIT;
    struct pgcensus_diagnostic item = {
        .severity = PGCENSUS_SEVERITY_ERROR,
        .file = text,
        .line = 1,
        .column = bytes[0] << 8 | bytes[1],
        .message = text,
        .source_line = text,
        .hint = text,
    };
    const struct pgcensus_diagnostics diagnostics = {&item, 1, 1, 0};

    report_diagnostics(&diagnostics, true, &shown);
    require_harmless(shown.bytes, shown.len);
    report_diagnostics_json(&diagnostics, &document);
    require_harmless(document.bytes, document.len);
    return 0;
}
