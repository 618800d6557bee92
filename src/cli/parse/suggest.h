/* "Did you mean": the known word that was probably meant. */
#ifndef CLI_PARSE_SUGGEST_H
#define CLI_PARSE_SUGGEST_H

#include <stddef.h>

/* The only candidate that begins with word, else the one that is spelled most like it;
 * NULL if there is neither. */
const char *suggest(const char *word, const char *const *candidates, size_t n);

#endif
