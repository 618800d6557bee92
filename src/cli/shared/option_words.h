/* What the library calls by the name that a program knows, people know as an option. */
#ifndef CLI_SHARED_OPTION_WORDS_H
#define CLI_SHARED_OPTION_WORDS_H

#include <pgcensus/pgcensus.h>

/* The same text with the option in place of its subject: "(--max-rows)" for
 * "(max_rows)".  A text without a subject stays as it is. */
void option_words_failure(struct pgcensus_failure *failure);
void option_words_result(struct pgcensus_node_result *result); /* its reasons */
/* Returns false, as error_set() does. */
bool option_words_error(struct pgcensus_error *error);

#endif
