/* How values of options are read.  A new type is one more function of this shape,
 * beside the rows that use it. */
#ifndef CLI_PARSE_OPTION_TYPES_H
#define CLI_PARSE_OPTION_TYPES_H

#include "cli/parse/options.h"

bool option_flag(const struct option *option, const char *value, void *to,
                 struct pgcensus_error *ret_error); /* bool */
bool option_text(const struct option *option, const char *value, void *to,
                 struct pgcensus_error *ret_error); /* const char * */
bool option_file_name(const struct option *option, const char *value, void *to,
                      struct pgcensus_error *ret_error); /* const char *, not empty */
bool option_words(const struct option *option, const char *value, void *to,
                  struct pgcensus_error *ret_error); /* struct option_list */
bool option_choice(const struct option *option, const char *value, void *to,
                   struct pgcensus_error *ret_error); /* int, an index in choices */
bool option_count(const struct option *option, const char *value, void *to,
                  struct pgcensus_error *ret_error); /* unsigned */
/* Complains of a value that is none of the choices, and returns false; for types of
 * your own. */
bool option_refuse_choice(const struct option *option, const char *value,
                          struct pgcensus_error *ret_error);
/* An option of another program: always fails, with the row's help as complaint. */
bool option_foreign(const struct option *option, const char *value, void *to,
                    struct pgcensus_error *ret_error);
bool option_duration(const struct option *option, const char *value, void *to,
                     struct pgcensus_error *ret_error); /* nsec, longer than 0 */

#endif
