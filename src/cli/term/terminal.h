/* Every question to the terminal, asked once at the start, and what follows from the
 * answers.  The decisions are pure functions of struct terminal. */
#ifndef CLI_TERM_TERMINAL_H
#define CLI_TERM_TERMINAL_H

#include <stdbool.h>

struct terminal {
    bool on_stdout, on_stderr; /* each may be a terminal or not */
    unsigned columns, rows;    /* of the one behind stdout; 0: not known */
    bool utf8;                 /* what the locale says of its characters */
    /* the environment; NULL: not set */
    const char *term, *no_color, *clicolor_force;
};

/* setlocale(LC_CTYPE, "") must have been called. */
void terminal_ask(struct terminal *ret_terminal);

/* The same terminal for a run whose output goes into a file. */
struct terminal terminal_without_stdout(const struct terminal *terminal);

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* --color > NO_COLOR > CLICOLOR_FORCE > a terminal that is not dumb
 * (no-color.org, bixense.com/clicolors). */
bool terminal_colour(const struct terminal *terminal, enum color_when when);

/* Whether there are 256 colours, if there are any. */
bool terminal_many_colours(const struct terminal *terminal);

/* Columns to lay out for; wanted is --width, 0: not given.  0: unlimited, because
 * what goes into a pipe or a file is never cut. */
unsigned terminal_width(const struct terminal *terminal, unsigned wanted);

/* ✓ and ✗, or + and x. */
bool terminal_shapes(const struct terminal *terminal, bool ascii_wanted);

/* Whether a line on stderr can be drawn again and again. */
bool terminal_redraws(const struct terminal *terminal);

#endif
