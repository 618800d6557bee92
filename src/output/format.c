#include "output/format.h"

#include <string.h>

static const struct format formats[] = {
    {"table", "default", FORMAT_PAGE, &writer_table},
    {"json", NULL, FORMAT_DOCUMENT, NULL},
    {"ndjson", NULL, FORMAT_LINES, NULL},
    {"csv", NULL, FORMAT_ROWS, &writer_csv},
    {"markdown", NULL, FORMAT_ROWS, &writer_markdown},
    {"nagios", "the output of a monitoring plugin", FORMAT_PLUGIN, NULL},
    {"prometheus", "metrics", FORMAT_METRICS, NULL},
};

const struct format *const format_default = formats;

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

const struct format *format_at(size_t n)
{
    return n < ARRAY_SIZE(formats) ? &formats[n] : NULL;
}
