#include "base/quantity.h"

#include "fuzz.h"

static void comes_back(int64_t value, void (*format)(int64_t, struct buf *),
                       enum quantity (*parse)(const char *, int64_t *))
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    int64_t again = -1;
    require(value >= 0);
    format(value, &buf);
    /* Beyond 18 digits what is formatted cannot be written back: 31 years, 888 PB. */
    if (value < 1000000000000000000)
        require(parse(buf.bytes, &again) == QUANTITY_OK && again == value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(free) char *text = fuzz_string(bytes, n);
    int64_t number;
    double real;

    if (quantity_duration(text, &number) == QUANTITY_OK)
        comes_back(number, quantity_format_duration, quantity_duration);
    if (quantity_size(text, &number) == QUANTITY_OK)
        comes_back(number, quantity_format_size, quantity_size);
    if (quantity_count(text, 1, 65535, &number) == QUANTITY_OK)
        require(number >= 1 && number <= 65535);
    if (quantity_ratio(text, &real) == QUANTITY_OK)
        require(real >= 0);
    if (quantity_share(text, &real) == QUANTITY_OK) {
        AUTO(buf_fini) struct buf buf = BUF_INIT;
        double again = -1;
        require(real >= 0 && real <= 1);
        quantity_format_share(real, &buf);
        require(quantity_share(buf.bytes, &again) == QUANTITY_OK && again == real);
    }
    return 0;
}
