/* The readers of each kind of value, behind value_read(). */
#ifndef CONFIG_MODEL_VALUE_PRIVATE_H
#define CONFIG_MODEL_VALUE_PRIVATE_H

#include "config/model/value.h"

struct value_input {
    enum key key;
    const struct key_row *row;
    const char *text;
    const char *written; /* what messages quote */
    struct value_error *problem;
};

/* Returns false, so that `return value_wrong(…);` reads well. */
bool value_refuse(const struct value_input *input, const char *hint, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

bool value_text(const struct value_input *input);
bool value_name(const struct value_input *input);
bool value_host(const struct value_input *input);
bool value_dbname(const struct value_input *input);
bool value_address(const struct value_input *input);
bool value_path(const struct value_input *input);
bool value_choice(const struct value_input *input, int64_t *ret_number);
bool value_boolean(const struct value_input *input, int64_t *ret_number);
bool value_auth_methods(const struct value_input *input);

bool value_count(const struct value_input *input, int64_t *ret_number);
bool value_duration(const struct value_input *input, int64_t *ret_number);
bool value_size(const struct value_input *input, int64_t *ret_number);
bool value_share(const struct value_input *input, double *ret_ratio);
bool value_ratio(const struct value_input *input, double *ret_ratio);
bool value_range(const struct value_input *input, struct pgcensus_range *ret_range);

#endif
