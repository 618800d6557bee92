#include "cli/term/terminal.h"

#include "base/quantity.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* COLUMNS or LINES: the size of a terminal that does not know its own. */
static unsigned size_from_environment(const char *name)
{
    const char *text = getenv(name);
    int64_t size;
    if (!text || quantity_count(text, 1, 10000, &size) != QUANTITY_OK)
        return 0;
    return (unsigned)size;
}

void terminal_ask(struct terminal *ret_terminal)
{
    *ret_terminal = (struct terminal){
        .on_stdout = isatty(STDOUT_FILENO),
        .on_stderr = isatty(STDERR_FILENO),
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .term = getenv("TERM"),
        .no_color = getenv("NO_COLOR"),
        .clicolor_force = getenv("CLICOLOR_FORCE"),
    };
    if (!ret_terminal->on_stdout)
        return;
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        ret_terminal->columns = size.ws_col;
        ret_terminal->rows = size.ws_row;
    }
    if (ret_terminal->columns == 0)
        ret_terminal->columns = size_from_environment("COLUMNS");
    if (ret_terminal->rows == 0)
        ret_terminal->rows = size_from_environment("LINES");
}

struct terminal terminal_without_stdout(const struct terminal *terminal)
{
    struct terminal other = *terminal;
    other.on_stdout = false;
    other.columns = other.rows = 0;
    return other;
}

static bool is_set(const char *variable)
{
    return variable && *variable;
}

static bool is_dumb(const struct terminal *terminal)
{
    return terminal->term && strcmp(terminal->term, "dumb") == 0;
}

bool terminal_colour(const struct terminal *terminal, enum color_when when)
{
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    if (is_set(terminal->no_color))
        return false;
    if (is_set(terminal->clicolor_force) && strcmp(terminal->clicolor_force, "0") != 0)
        return true;
    return terminal->on_stdout && !is_dumb(terminal);
}

bool terminal_many_colours(const struct terminal *terminal)
{
    return terminal->term && strstr(terminal->term, "256color");
}

unsigned terminal_width(const struct terminal *terminal, unsigned wanted)
{
    if (wanted > 0)
        return wanted;
    return terminal->on_stdout ? terminal->columns : 0;
}

bool terminal_shapes(const struct terminal *terminal, bool ascii_wanted)
{
    /* The font of Linux's text console has no check mark, whatever the locale says. */
    bool console =
        terminal->on_stdout && terminal->term && strcmp(terminal->term, "linux") == 0;
    return terminal->utf8 && !console && !ascii_wanted;
}

bool terminal_redraws(const struct terminal *terminal)
{
    return terminal->on_stderr && !is_dumb(terminal);
}
