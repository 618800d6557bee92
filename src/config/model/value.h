/* One value: text → number, choice, share …, or what is wrong with it. */
#ifndef CONFIG_MODEL_VALUE_H
#define CONFIG_MODEL_VALUE_H

#include "config/keys.h"

#include <stdbool.h>
#include <stdint.h>

union value {
    int64_t number; /* counts, nanoseconds, the index of a choice, 0 or 1 */
    double ratio;   /* shares and ratios */
    char *secret;   /* what stands in a SECRET_FILE; the owner wipes it */
    struct pgcensus_range range;
};

struct value_error {
    char message[256]; /* stands behind the key: "\"5x\" is not …" */
    const char *hint;  /* static, or NULL */
};

/* False: *ret_problem says why; it never quotes a secret. */
bool value_read(enum key key, const char *text, union value *ret_value,
                struct value_error *ret_problem);
/* The same; messages quote the value as it was written, before its variables were
 * filled in, because any of them may hold a secret. */
bool value_read_expanded(enum key key, const char *text, const char *written,
                         union value *ret_value, struct value_error *ret_problem);

#endif
