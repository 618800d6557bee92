#include "cli/parse/suggest.h"

#include "base/text.h"

#include <string.h>

/* Abbreviations are not accepted, but they are understood. */
static const char *only_completion(const char *word, const char *const *candidates,
                                   size_t n)
{
    const char *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(word, candidates[i], strlen(word)) != 0)
            continue;
        if (found)
            return NULL;
        found = candidates[i];
    }
    return found;
}

const char *suggest(const char *word, const char *const *candidates, size_t n)
{
    if (!*word)
        return NULL;
    const char *found = only_completion(word, candidates, n);
    return found ? found : text_closest(word, candidates, n);
}
