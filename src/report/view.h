/* In which format rows are wanted, and how they are to look. */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include "output/format.h"

struct view {
    const struct format *format;
    struct look look;
};

#endif
