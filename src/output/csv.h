/* One field of CSV, for those who write rows by themselves. */
#ifndef OUTPUT_CSV_H
#define OUTPUT_CSV_H

#include "output/format.h"

/* Quoted if it must be, every byte kept. */
void csv_add_field(struct buf *out, const char *text, size_t n);

#endif
