#include "cli/query/confirm.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/term/messages.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { STATEMENT_SHOWN = 240 };

/* Folded names of the nodes that do, or do not, allow writing; disabled ones are not
 * asked.  Their number. */
static size_t list_nodes(const struct pgcensus_fleet *fleet, bool allow,
                         struct buf *names)
{
    size_t n = 0, size = pgcensus_fleet_size(fleet);
    AUTO(free) const char **list = memory_array(size, sizeof *list);
    if (!list) {
        names->broken = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        const struct pgcensus_identity *node = pgcensus_fleet_node(fleet, i);
        if (node->enabled && node->allow_write == allow)
            list[n++] = node->name;
    }
    text_add_folded(names, list, n);
    return n;
}

/* One line of the terminal; whatever does not begin with y is no. */
static bool read_yes(void)
{
    char first = '\0', byte;
    for (bool is_first = true;; is_first = false) {
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || byte == '\n')
            return first == 'y' || first == 'Y';
        if (is_first)
            first = byte;
    }
}

/* On one line, as much of it as a few lines of a terminal hold. */
static void add_statement(struct buf *question, const char *sql)
{
    AUTO(buf_fini) struct buf joined = BUF_INIT;
    char shown[STATEMENT_SHOWN];
    for (const char *at = sql; *at;) {
        size_t blanks = strspn(at, " \t\r\n\f\v");
        if (blanks && joined.len && at[blanks])
            buf_add_char(&joined, ' ');
        at += blanks;
        size_t n = strcspn(at, " \t\r\n\f\v");
        buf_add(&joined, at, n);
        at += n;
    }
    question->broken |= joined.broken;
    text_copy_safe(shown, sizeof shown, joined.bytes, joined.len);
    buf_add_format(question, "%s\n", shown);
}

bool confirm_writing(const struct terminal *terminal,
                     const struct pgcensus_fleet *fleet, const char *sql, bool yes,
                     struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf closed = BUF_INIT;
    AUTO(buf_fini) struct buf open = BUF_INIT;
    size_t n_closed = list_nodes(fleet, false, &closed);
    size_t n_open = list_nodes(fleet, true, &open);
    if (closed.broken || open.broken)
        return error_memory(ret_error);
    if (n_closed > 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "--write: allow_write is not set for %s", closed.bytes);
    if (yes || n_open == 0)
        return true;
    if (!terminal->on_stderr || !isatty(STDIN_FILENO))
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "--write needs --yes where there is no terminal to ask");
    AUTO(buf_fini) struct buf question = BUF_INIT;
    add_statement(&question, sql);
    buf_add_format(&question, "Write on %zu node%s (%s)? [y/N] ", n_open,
                   n_open == 1 ? "" : "s", open.bytes);
    if (question.broken)
        return error_memory(ret_error);
    say_lines(&question);
    return read_yes() || error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                                   "nothing was written: not confirmed");
}
