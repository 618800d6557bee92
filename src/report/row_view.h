/* In which format rows are wanted, which of them first, and how they are to look. */
#ifndef REPORT_ROW_VIEW_H
#define REPORT_ROW_VIEW_H

#include "output/format.h"

struct row_view {
    const struct format *format;
    struct look look;
    const char *columns; /* "node,lag"; NULL: those of the format */
    const char *sort;    /* "group,-lag"; NULL: in the order that they have */
};

#endif
