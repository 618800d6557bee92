#include "base/error.h"

#include "base/login.h"
#include "base/text.h"

#include <stdio.h>

static void put(struct pgcensus_error *ret_error, enum pgcensus_trouble trouble,
                enum pgcensus_subject subject, const char *format, va_list args)
{
    if (!ret_error)
        return;
    /* Twice as large as the error's message, so that text_copy() does the cut,
     * between characters. */
    char message[2 * sizeof ret_error->message];
    vsnprintf(message, sizeof message, format, args);
    /* The message may quote a password that a user typed in the wrong place. */
    login_hide(message);
    ret_error->trouble = trouble;
    ret_error->subject = subject;
    text_copy(ret_error->message, sizeof ret_error->message, message);
}

bool error_set(struct pgcensus_error *ret_error, enum pgcensus_trouble trouble,
               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put(ret_error, trouble, PGCENSUS_SUBJECT_NONE, format, args);
    va_end(args);
    return false;
}

bool error_set_about(struct pgcensus_error *ret_error, enum pgcensus_trouble trouble,
                     enum pgcensus_subject subject, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put(ret_error, trouble, subject, format, args);
    va_end(args);
    return false;
}

bool error_memory(struct pgcensus_error *ret_error)
{
    return error_set(ret_error, PGCENSUS_TROUBLE_MEMORY, "out of memory");
}
