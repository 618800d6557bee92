#include "report/field.h"

#include "base/clock.h"
#include "base/quantity.h"
#include "report/words.h"

#include <inttypes.h>
#include <stdio.h>

void value_clear(struct field_value *value)
{
    value->text = NULL;
    value->number = 0;
    value->hang = 0;
    buf_clear(&value->made);
}

static bool get_member(const struct field *field, const void *at,
                       struct field_value *ret_value)
{
    switch (field->type) {
    case MEMBER_NONE:
        return true; /* an object, which is there */
    case MEMBER_POINTER:
        ret_value->text = *(const char *const *)at;
        return ret_value->text;
    case MEMBER_ARRAY:
        ret_value->text = at;
        return field->unknown != UNKNOWN_IF_ZERO || *ret_value->text;
    case MEMBER_BOOL:
        ret_value->number = *(const bool *)at;
        break;
    case MEMBER_INT8:
        ret_value->number = *(const int8_t *)at;
        break;
    case MEMBER_UINT16:
        ret_value->number = *(const uint16_t *)at;
        break;
    case MEMBER_INT:
        ret_value->number = *(const int *)at;
        break;
    case MEMBER_UNSIGNED:
        ret_value->number = *(const unsigned *)at;
        break;
    case MEMBER_INT64:
    case MEMBER_UINT64:
        ret_value->number = *(const int64_t *)at;
        break;
    }
    return !(field->unknown == UNKNOWN_IF_ZERO && ret_value->number == 0) &&
           !(field->unknown == UNKNOWN_IF_NEGATIVE && ret_value->number < 0);
}

bool field_get(const struct field *field, const void *row,
               struct field_value *ret_value)
{
    if (field->get)
        return field->get(row, ret_value);
    const char *base = field->base ? field->base(row) : row;
    return base && get_member(field, base + field->at, ret_value);
}

bool field_is_number(const struct field *field)
{
    switch (field->unit) {
    case UNIT_COUNT:
    case UNIT_BYTES:
    case UNIT_MILLISECONDS:
    case UNIT_SECONDS:
        return true;
    case UNIT_TEXT:
    case UNIT_FLAG:
    case UNIT_IDENTIFIER:
    case UNIT_LSN:
    case UNIT_MOMENT:
    case UNIT_OBJECT:
        break;
    }
    return false;
}

bool field_is_time(const struct field *field)
{
    return field->unit == UNIT_MILLISECONDS || field->unit == UNIT_SECONDS ||
           field->unit == UNIT_MOMENT;
}

static void format_number(struct field_value *value, enum unit unit)
{
    double number = (double)value->number;
    if (unit == UNIT_MILLISECONDS)
        quantity_format_number(number / NSEC_PER_MSEC, 3, &value->made);
    else if (unit == UNIT_SECONDS)
        quantity_format_number(number / NSEC_PER_SEC, 6, &value->made);
    else
        buf_add_format(&value->made, "%" PRId64, value->number);
}

void value_format(struct field_value *value, enum unit unit, bool for_people)
{
    uint64_t bits = (uint64_t)value->number;
    switch (unit) {
    case UNIT_TEXT:
    case UNIT_OBJECT:
        break;
    case UNIT_FLAG:
        value->text = value->number ? "true" : "false";
        break;
    case UNIT_IDENTIFIER:
        buf_add_format(&value->made, "%" PRIu64, bits);
        break;
    case UNIT_LSN:
        buf_add_format(&value->made, "%" PRIX32 "/%" PRIX32, (uint32_t)(bits >> 32),
                       (uint32_t)bits);
        break;
    case UNIT_MOMENT:
        clock_format_wall(value->number, &value->made);
        break;
    case UNIT_COUNT:
        format_number(value, unit);
        break;
    case UNIT_BYTES:
        if (for_people)
            add_size(&value->made, value->number);
        else
            format_number(value, unit);
        break;
    case UNIT_MILLISECONDS:
    case UNIT_SECONDS:
        if (for_people)
            add_length(&value->made, value->number);
        else
            format_number(value, unit);
        break;
    }
}
