/* Effective settings and where each came from. */
#ifndef REPORT_SETTINGS_H
#define REPORT_SETTINGS_H

#include "report/field.h"

#include <pgcensus/config.h>

extern const struct field_table setting_fields;

struct settings_of_node {
    const char *node;
    const struct pgcensus_setting *settings;
    size_t n;
};

/* In a format of a kind that there is here. */
bool report_settings_writes(enum format_kind kind);
void report_settings(const struct settings_of_node *nodes, size_t n,
                     const struct row_view *view, struct buf *out);

#endif
