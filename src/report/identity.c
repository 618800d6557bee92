#include "report/identity.h"

const void *identity_of(const void *row)
{
    return ((const struct identity_row *)row)->identity;
}

/* No labels are an empty list, and known. */
bool identity_get_labels(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_identity *identity = identity_of(row);
    for (size_t i = 0; identity && i < identity->n_labels; i++)
        buf_add_format(&ret_value->made, "%s%s=%s", i ? " " : "",
                       identity->labels[i].key, identity->labels[i].value);
    return identity;
}

void identity_write_labels(const void *row, struct json *json)
{
    const struct pgcensus_identity *identity = identity_of(row);
    json_begin_object(json);
    for (size_t i = 0; i < identity->n_labels; i++)
        json_key_string(json, identity->labels[i].key, identity->labels[i].value);
    json_end_object(json);
}
