#include "recall/ledger.h"

#include "fuzz.h"

/* What is believed can be written and is then believed again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    AUTO(buf_fini) struct buf written = BUF_INIT;
    AUTO(ledger_fini) struct ledger ledger = {.n = 0};
    AUTO(ledger_fini) struct ledger again = {.n = 0};

    buf_add(&text, bytes, n);
    if (ledger_read(&text, &ledger) != LEDGER_OK) {
        require(ledger.n == 0);
        return 0;
    }
    ledger_write(&ledger, &written);
    require(ledger_read(&written, &again) == LEDGER_OK && again.n == ledger.n);
    return 0;
}
