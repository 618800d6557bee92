/* Fields as keys of JSON.
 *
 * An object of objects is a list of keys with dots.  It is closed by the first key that
 * does not begin with its own; one that does not exist is null, and the keys in it are
 * passed over. */
#include "report/field.h"

#include "base/clock.h"

#include <assert.h>
#include <string.h>

enum { DEEPEST = 4 };

static bool is_within(const char *key, const char *object)
{
    size_t n = strlen(object);
    return strncmp(key, object, n) == 0 && key[n] == '.';
}

static void write_known(struct json *json, enum unit unit, struct field_value *value)
{
    switch (unit) {
    case UNIT_TEXT:
    case UNIT_IDENTIFIER:
    case UNIT_LSN:
    case UNIT_MOMENT:
        value_format(value, unit, /* for_people= */ false);
        json_string(json, value->text ? value->text : value->made.bytes);
        json->buf->broken |= value->made.broken;
        break;
    case UNIT_FLAG:
        json_bool(json, value->number);
        break;
    case UNIT_COUNT:
    case UNIT_BYTES:
        json_int(json, value->number);
        break;
    case UNIT_MILLISECONDS:
        json_number(json, (double)value->number / NSEC_PER_MSEC, 3);
        break;
    case UNIT_SECONDS:
        json_number(json, (double)value->number / NSEC_PER_SEC, 6);
        break;
    case UNIT_OBJECT:
        json_begin_object(json);
        break;
    }
}

struct key_writer {
    struct json *json;
    const char *open[DEEPEST]; /* the objects that the next key may be in */
    size_t depth;
    const char *skipped; /* an object that does not exist; NULL: none at hand */
    struct field_value value;
};

static void enter_object(struct key_writer *writer, const char *key, bool exists)
{
    if (!exists) {
        writer->skipped = key;
        return;
    }
    assert(writer->depth < DEEPEST);
    writer->open[writer->depth++] = key;
}

static void leave_objects(struct key_writer *writer, const char *key)
{
    while (writer->depth > 0 && !is_within(key, writer->open[writer->depth - 1])) {
        json_end_object(writer->json);
        writer->depth--;
    }
}

static void write_key(struct key_writer *writer, const struct field *field,
                      const void *row)
{
    size_t depth = writer->depth;
    size_t before = depth > 0 ? strlen(writer->open[depth - 1]) + 1 : 0;
    json_key(writer->json, field->key + before);
    if (field->write) {
        field->write(row, writer->json);
        return;
    }
    value_clear(&writer->value);
    bool known = field_get(field, row, &writer->value);
    if (known)
        write_known(writer->json, field->unit, &writer->value);
    else
        json_null(writer->json);
    if (field->unit == UNIT_OBJECT)
        enter_object(writer, field->key, known);
}

void field_write_keys(const struct field_table *table, const void *row,
                      struct json *json)
{
    struct key_writer writer = {.json = json, .value = {.made = BUF_INIT}};
    for (size_t i = 0; i < table->n; i++) {
        const struct field *field = &table->fields[i];
        if (!field->key || (writer.skipped && is_within(field->key, writer.skipped)))
            continue;
        leave_objects(&writer, field->key);
        write_key(&writer, field, row);
    }
    for (; writer.depth > 0; writer.depth--)
        json_end_object(json);
    json->buf->broken |= writer.value.made.broken;
    buf_fini(&writer.value.made);
}

static void write_object(const struct field_rows *rows, size_t at, struct json *json)
{
    json_begin_object(json);
    field_write_keys(rows->table, (const char *)rows->rows + at * rows->size, json);
    json_end_object(json);
}

void field_write_array(const struct field_rows *rows, struct json *json)
{
    json_begin_array(json);
    for (size_t i = 0; i < rows->n; i++)
        write_object(rows, i, json);
    json_end_array(json);
}

void field_write_lines(const struct field_rows *rows, const struct row_view *view,
                       struct buf *out)
{
    for (size_t i = 0; i < rows->n; i++) {
        struct json json;
        json_init(&json, out);
        write_object(rows, i, &json);
        buf_add_char(out, '\n');
    }
}
