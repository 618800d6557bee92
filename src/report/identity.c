#include "report/identity.h"

static const struct pgcensus_identity *identity_of(const void *row)
{
    return ((const struct identity_row *)row)->identity;
}

bool identity_get_name(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_string(ret_value, identity_of(row)->name);
}

bool identity_get_group(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_string(ret_value, identity_of(row)->group);
}

/* None is a list of none. */
bool identity_get_labels(const void *row, struct value *ret_value)
{
    const struct pgcensus_identity *identity = identity_of(row);
    for (size_t i = 0; identity && i < identity->n_labels; i++)
        buf_add_format(&ret_value->made, "%s%s=%s", i ? " " : "",
                       identity->labels[i].key, identity->labels[i].value);
    return identity;
}

bool identity_get_host(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_string(ret_value, identity_of(row)->host);
}

bool identity_get_port(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_number(ret_value, identity_of(row)->port, true);
}

bool identity_get_dbname(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_string(ret_value, identity_of(row)->dbname);
}

bool identity_get_user(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_string(ret_value, identity_of(row)->user);
}

bool identity_get_enabled(const void *row, struct value *ret_value)
{
    return identity_of(row) && value_number(ret_value, identity_of(row)->enabled, true);
}

void identity_write_labels(const void *row, struct json *json)
{
    const struct pgcensus_identity *identity = identity_of(row);
    json_begin_object(json);
    for (size_t i = 0; i < identity->n_labels; i++)
        json_key_string(json, identity->labels[i].key, identity->labels[i].value);
    json_end_object(json);
}
