/* What a format prints: typed cells under columns.  No format knows where they came
 * from. */
#ifndef OUTPUT_CELL_H
#define OUTPUT_CELL_H

#include <stdbool.h>
#include <stddef.h>

enum cell_kind {
    CELL_NULL,
    CELL_TEXT,   /* any bytes */
    CELL_NUMBER, /* its digits as text: printed as they are, never through a double */
    CELL_BOOL,   /* text is "true" or "false" */
    CELL_JSON,   /* well-formed JSON */
};

/* What a colour repeats; the word and the shape have said it already. */
enum tone {
    TONE_PLAIN,
    TONE_WARN, /* yellow; of 256 colours orange */
    TONE_DOWN, /* bold red in reverse; vermilion */
    TONE_INFO, /* blue; sky blue */
};

struct cell {
    enum cell_kind kind;
    enum tone tone;
    const char *text;
    size_t len;
    size_t hang; /* so many bytes at the beginning are not broken from what is behind
                  * them; where that wraps it stays behind them.  For aligned tables */
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };

struct column {
    const char *name;
    enum align align;
    bool flexible; /* may be wrapped when the terminal is too narrow */
    bool verbatim; /* results of queries: CSV keeps every byte instead of making
                    * control bytes visible */
};

/* Cells from strings that stay until the row is written; NULL → CELL_NULL. */
struct cell cell_text(const char *text);
struct cell cell_number(const char *digits);

/* The escape sequence that starts a tone, "" for the plain one, and what ends it. */
const char *tone_begin(enum tone tone, bool many_colours);
const char *tone_end(enum tone tone);

#endif
