#include "output/perfdata.h"

#include "base/quantity.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

enum { DECIMALS_OF_LIMITS = 9 };

void perfdata_add_text(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_add_char(out, *text == '|' ? '/' : *text);
}

/* The guidelines know no "=" in a label; those who read one between quotes do. */
static void add_label(struct buf *out, const char *label)
{
    AUTO(buf_fini) struct buf safe = BUF_INIT;
    text_add_safe_str(&safe, label);
    out->broken |= safe.broken;
    bool quoted = *safe.bytes == '\0' || strpbrk(safe.bytes, " ='\";") != NULL;

    if (quoted)
        buf_add_char(out, '\'');
    for (const char *c = safe.bytes; *c; c++) {
        if (*c == '\'')
            buf_add_char(out, '\'');
        buf_add_char(out, *c == '|' ? '/' : *c);
    }
    if (quoted)
        buf_add_char(out, '\'');
}

/* [@][START:][END]; 0 is the start that needs no mention. */
static void add_range(struct buf *out, const struct pgcensus_range *range, double scale)
{
    if (!range->set)
        return;
    if (range->inside)
        buf_add_char(out, '@');
    if (isinf(range->start)) {
        buf_add_str(out, "~:");
    } else if (range->start != 0 || isinf(range->end)) {
        quantity_format_number(range->start / scale, DECIMALS_OF_LIMITS, out);
        buf_add_char(out, ':');
    }
    if (!isinf(range->end))
        quantity_format_number(range->end / scale, DECIMALS_OF_LIMITS, out);
}

void perfdata_add(struct buf *out, const struct perfdata *item)
{
    buf_add_char(out, ' ');
    add_label(out, item->label);
    buf_add_char(out, '=');
    quantity_format_number(item->value / item->scale, item->decimals, out);
    buf_add_format(out, "%s;", item->unit);
    if (item->limits)
        add_range(out, &item->limits->warn, item->scale);
    buf_add_char(out, ';');
    if (item->limits)
        add_range(out, &item->limits->critical, item->scale);
    buf_add_str(out, item->negative ? ";" : ";0");
    if (item->max) {
        buf_add_char(out, ';');
        quantity_format_number(*item->max / item->scale, item->decimals, out);
    }
}
