/* Reading values.
 *
 * One small function per kind, all of the same shape: text in, value or problem out.
 * They are strict on purpose.  Whatever YAML or C would guess (octal, hexadecimal, yes
 * and no, a number of seconds or perhaps of milliseconds) is refused with a sentence
 * that says what to write instead. */
#include "config/model/value.h"

#include "config/model/value_private.h"
#include "config/read/diagnostic_list.h"

#include <stdarg.h>
#include <string.h>

bool value_wrong(const struct reading *reading, const char *hint, const char *format,
                 ...)
{
    struct problem *problem = reading->problem;
    va_list args;
    va_start(args, format);
    vsnprintf(problem->message, sizeof problem->message, format, args);
    va_end(args);
    problem->hint = hint;
    return false;
}

enum { LONGEST_SECRET_FILE = 4096 };

static bool read_secret_bytes(const struct reading *reading, const struct file *file,
                              char **ret_secret)
{
    struct quoted shown = quoted(reading->written);
    size_t n = strcspn(file->bytes, "\r\n");

    if (file_is_open_to_others(file))
        return value_wrong(reading, "chmod 600",
                           "%s can be read by others than its owner", shown.text);
    if (n == 0)
        return value_wrong(reading, NULL, "%s is empty", shown.text);
    if (n + strspn(file->bytes + n, "\r\n") != file->n)
        return value_wrong(reading, NULL, "%s holds more than one line", shown.text);
    *ret_secret = file_first_line(file);
    return *ret_secret || value_wrong(reading, NULL, "out of memory");
}

static bool read_secret_file(const struct reading *reading, char **ret_secret)
{
    char reason[FILE_REASON_SIZE];
    AUTO(file_fini) struct file file = {.bytes = NULL};

    if (!value_path(reading))
        return false;
    if (!file_read(reading->text, LONGEST_SECRET_FILE, &file, reason)) {
        bool is_path = source_is_path(reading->written, strlen(reading->written));
        return value_wrong(reading,
                           is_path ? NULL : "it is the name of a file that holds it",
                           "%s%s%s", is_path ? quoted(reading->written).text : "",
                           is_path ? " " : "", reason);
    }
    return read_secret_bytes(reading, &file, ret_secret);
}

bool value_read(enum key key, const char *text, union value *ret_value,
                struct problem *ret_problem)
{
    return value_read_expanded(key, text, text, ret_value, ret_problem);
}

bool value_read_expanded(enum key key, const char *text, const char *written,
                         union value *ret_value, struct problem *ret_problem)
{
    struct reading reading = {key, key_row(key), text, written, ret_problem};

    switch (reading.row->kind) {
    case KIND_TEXT:
        return value_text(&reading);
    case KIND_NAME:
        return value_name(&reading);
    case KIND_HOST:
        return value_host(&reading);
    case KIND_DBNAME:
        return value_dbname(&reading);
    case KIND_ADDRESS:
        return value_address(&reading);
    case KIND_COUNT:
    case KIND_PORT:
        return value_count(&reading, &ret_value->number);
    case KIND_DURATION:
        return value_duration(&reading, &ret_value->number);
    case KIND_SIZE:
        return value_size(&reading, &ret_value->number);
    case KIND_SHARE:
        return value_share(&reading, &ret_value->ratio);
    case KIND_RATIO:
        return value_ratio(&reading, &ret_value->ratio);
    case KIND_BOOLEAN:
        return value_boolean(&reading, &ret_value->number);
    case KIND_CHOICE:
        return value_choice(&reading, &ret_value->number);
    case KIND_AUTH_METHODS:
        return value_auth_methods(&reading);
    case KIND_PATH:
        return value_path(&reading);
    case KIND_SECRET_FILE:
        return read_secret_file(&reading, &ret_value->secret);
    case KIND_RANGE:
        return value_range(&reading, &ret_value->range);
    case KIND_STATEMENT:
    case KIND_SECRET:
        return true;
    }
    return true;
}
