/* The table of a round, without deciding which nodes it shows. */
#ifndef REPORT_CHECK_TABLE_H
#define REPORT_CHECK_TABLE_H

#include "report/check_fields.h"

/* Columns follow from the width, unless the view names them; details go below if there
 * is no room beside. */
void check_table_print(struct check_line *lines, size_t n, const struct row_view *view,
                       struct buf *out);

#endif
