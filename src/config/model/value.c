/* Reading values.
 *
 * One small function per kind, all of the same shape: text in, value or error out. They
 * are strict on purpose: what YAML or C would guess (octal, hexadecimal, yes and no, a
 * number of seconds or perhaps of milliseconds) is refused with a sentence that says
 * what to write instead. */
#include "config/model/value.h"

#include "config/model/value_private.h"
#include "config/read/diagnostic_list.h"

#include <stdarg.h>
#include <string.h>

bool value_refuse(const struct value_input *input, const char *hint, const char *format,
                  ...)
{
    struct value_error *problem = input->problem;
    va_list args;
    va_start(args, format);
    vsnprintf(problem->message, sizeof problem->message, format, args);
    va_end(args);
    problem->hint = hint;
    return false;
}

enum { LONGEST_SECRET_FILE = 4096 };

static bool read_secret_bytes(const struct value_input *input,
                              const struct input_file *file, char **ret_secret)
{
    struct quoted shown = quoted(input->written);
    size_t n = strcspn(file->bytes, "\r\n");

    if (input_file_is_open_to_others(file))
        return value_refuse(input, "chmod 600",
                            "%s can be read by others than its owner", shown.text);
    if (n == 0)
        return value_refuse(input, NULL, "%s is empty", shown.text);
    if (n + strspn(file->bytes + n, "\r\n") != file->n)
        return value_refuse(input, NULL, "%s holds more than one line", shown.text);
    *ret_secret = input_file_first_line(file);
    return *ret_secret || value_refuse(input, NULL, "out of memory");
}

static bool read_secret_file(const struct value_input *input, char **ret_secret)
{
    char reason[INPUT_FILE_REASON];
    AUTO(input_file_fini) struct input_file file = {.bytes = NULL};

    if (!value_path(input))
        return false;
    if (!input_file_read(input->text, LONGEST_SECRET_FILE, &file, reason)) {
        bool is_path = quote_is_path(input->written, strlen(input->written));
        return value_refuse(
            input, is_path ? NULL : "it is the name of a file that holds it", "%s%s%s",
            is_path ? quoted(input->written).text : "", is_path ? " " : "", reason);
    }
    return read_secret_bytes(input, &file, ret_secret);
}

bool value_read(enum key key, const char *text, union value *ret_value,
                struct value_error *ret_problem)
{
    return value_read_expanded(key, text, text, ret_value, ret_problem);
}

bool value_read_expanded(enum key key, const char *text, const char *written,
                         union value *ret_value, struct value_error *ret_problem)
{
    struct value_input input = {key, key_row(key), text, written, ret_problem};

    switch (input.row->kind) {
    case KIND_TEXT:
        return value_text(&input);
    case KIND_NAME:
        return value_name(&input);
    case KIND_HOST:
        return value_host(&input);
    case KIND_DBNAME:
        return value_dbname(&input);
    case KIND_ADDRESS:
        return value_address(&input);
    case KIND_COUNT:
    case KIND_PORT:
        return value_count(&input, &ret_value->number);
    case KIND_DURATION:
        return value_duration(&input, &ret_value->number);
    case KIND_SIZE:
        return value_size(&input, &ret_value->number);
    case KIND_SHARE:
        return value_share(&input, &ret_value->ratio);
    case KIND_RATIO:
        return value_ratio(&input, &ret_value->ratio);
    case KIND_BOOLEAN:
        return value_boolean(&input, &ret_value->number);
    case KIND_CHOICE:
        return value_choice(&input, &ret_value->number);
    case KIND_AUTH_METHODS:
        return value_auth_methods(&input);
    case KIND_PATH:
        return value_path(&input);
    case KIND_SECRET_FILE:
        return read_secret_file(&input, &ret_value->secret);
    case KIND_RANGE:
        return value_range(&input, &ret_value->range);
    case KIND_STATEMENT:
    case KIND_SECRET:
        return true;
    }
    return true;
}
