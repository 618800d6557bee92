#include "base/error.h"

#include "base/login.h"
#include "base/text.h"

#include <stdio.h>

bool error_set(struct pgcensus_error *ret_error, enum pgcensus_trouble trouble,
               const char *format, ...)
{
    if (!ret_error)
        return false;
    /* Twice as large as the error's message, so that text_copy() does the cut,
     * between characters. */
    char message[2 * sizeof ret_error->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    /* The message may quote a password that a user typed in the wrong place. */
    login_hide(message);
    ret_error->trouble = trouble;
    text_copy(ret_error->message, sizeof ret_error->message, message);
    return false;
}

bool error_memory(struct pgcensus_error *ret_error)
{
    return error_set(ret_error, PGCENSUS_TROUBLE_MEMORY, "out of memory");
}
