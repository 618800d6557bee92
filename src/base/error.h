/* Filling struct pgcensus_error, our second kind of wrong. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <pgcensus/status.h>
#include <stdarg.h>

/* All return false, so that `return error_set(…);` reads well.  ret_error may
 * be NULL. */
bool error_set(struct pgcensus_error *ret_error, enum pgcensus_trouble trouble,
               const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same about a subject, which the message calls by its name. */
bool error_set_about(struct pgcensus_error *ret_error, enum pgcensus_trouble trouble,
                     enum pgcensus_subject subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool error_memory(struct pgcensus_error *ret_error);

#endif
