/* The readers of each kind of value, behind value_read(). */
#ifndef CONFIG_MODEL_VALUE_PRIVATE_H
#define CONFIG_MODEL_VALUE_PRIVATE_H

#include "config/model/value.h"

struct reading {
    enum key key;
    const struct key_row *row;
    const char *text;
    const char *written; /* what complaints quote */
    struct problem *problem;
};

/* Returns false, so that `return value_wrong(…);` reads well. */
bool value_wrong(const struct reading *reading, const char *hint, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));

bool value_text(const struct reading *reading);
bool value_name(const struct reading *reading);
bool value_host(const struct reading *reading);
bool value_dbname(const struct reading *reading);
bool value_address(const struct reading *reading);
bool value_path(const struct reading *reading);
bool value_choice(const struct reading *reading, int64_t *ret_number);
bool value_boolean(const struct reading *reading, int64_t *ret_number);
bool value_auth_methods(const struct reading *reading);

bool value_count(const struct reading *reading, int64_t *ret_number);
bool value_duration(const struct reading *reading, int64_t *ret_number);
bool value_size(const struct reading *reading, int64_t *ret_number);
bool value_share(const struct reading *reading, double *ret_ratio);
bool value_ratio(const struct reading *reading, double *ret_ratio);
bool value_range(const struct reading *reading, struct pgcensus_range *ret_range);

#endif
