/* What is wrong with a configuration, and errors as documents. */
#ifndef REPORT_DIAGNOSTICS_H
#define REPORT_DIAGNOSTICS_H

#include "base/buf.h"

#include <pgcensus/config.h>

/* GNU form with source line and caret, or {"schema":"pgcensus.diagnostics/1",…}. */
void report_diagnostics(const struct pgcensus_diagnostics *diagnostics, bool notes_too,
                        struct buf *out);
/* One of them without its source, and without a line end. */
void report_diagnostic_line(const struct pgcensus_diagnostic *diagnostic,
                            struct buf *out);
void report_diagnostics_json(const struct pgcensus_diagnostics *diagnostics,
                             struct buf *out);

/* {"schema":"pgcensus.error/1",…} for runs that could not start. */
void report_error_json(const struct pgcensus_error *error, struct buf *out);

#endif
