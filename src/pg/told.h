/* A server's words about an error, before they are made safe. */
#ifndef PG_TOLD_H
#define PG_TOLD_H

#include <stdbool.h>

/* A piece of a text that it does not own; n is 0 if there is none. */
struct pg_words {
    const char *text;
    int n;
};

struct pg_words pg_words_of(const char *text); /* NULL: none */

/* An error as the server sent it: neither safe nor one line. */
struct pg_told {
    char sqlstate[6];
    struct pg_words severity, message, detail, hint;
    unsigned position; /* in the statement that we sent, 0: not told */
};

/* Five digits or capital letters of ASCII, at least; what follows them is not looked
 * at. */
bool pg_is_sqlstate(const char *text);

/* Splits libpq's verbose text of a failed login: "… failed: FATAL:  28P01: password
 * …\nDETAIL:  …\nLOCATION:  …" → its parts, which point into it.  False: no SQLSTATE in
 * it; then the message is the text's first line without libpq's "connection to server
 * at … failed: ". */
bool pg_told_parse(const char *text, struct pg_told *ret_told);

#endif
