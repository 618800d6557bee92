#include "cli/term/pager.h"

#include "output/width.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t count_screen_lines(const struct buf *text, unsigned columns)
{
    size_t lines = 0;
    for (const char *line = text->bytes; *line;) {
        size_t length = strcspn(line, "\n");
        size_t width = text_width(line, length);
        lines += columns && width > columns ? (width + columns - 1) / columns : 1;
        line += length + (line[length] == '\n');
    }
    return lines;
}

bool pager_wanted(const struct terminal *terminal, const struct buf *text)
{
    bool is_dumb = terminal->term && strcmp(terminal->term, "dumb") == 0;
    return terminal->on_stdout && terminal->rows > 0 && terminal->term && !is_dumb &&
           count_screen_lines(text, terminal->columns) >= terminal->rows;
}

static const char *find_pager(void)
{
    const char *pager = getenv("PGCENSUS_PAGER");
    if (!pager)
        pager = getenv("PAGER");
    return pager ? pager : "less";
}

/* In the child.  Without options of its own less stays out of the way: it leaves the
 * text on the screen, does not wrap lines and ends by itself if all fits. */
static void become(const char *pager, int in)
{
    dup2(in, STDIN_FILENO);
    setenv("LESS", "FRSX", /* overwrite= */ 0);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
    _exit(127);
}

/* A user who leaves the pager before the end has seen enough, so that is no error. */
static void feed(int out, const struct buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(out, text->bytes + done, text->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        done += (size_t)n;
    }
}

/* 126, 127: the shell could not run or find such a program, and nothing was shown. */
static bool wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return code != 126 && code != 127;
}

bool pager_show(const struct terminal *terminal, const struct buf *text)
{
    const char *pager = find_pager();
    int ends[2];
    if (!*pager || strcmp(pager, "cat") == 0 || !pager_wanted(terminal, text) ||
        pipe2(ends, O_CLOEXEC) != 0)
        return false;
    /* Ctrl-C is the pager's business while it has the terminal. */
    void (*before)(int) = signal(SIGINT, SIG_IGN);
    pid_t child = fork();
    if (child == 0)
        become(pager, ends[0]);
    close(ends[0]);
    if (child > 0)
        feed(ends[1], text);
    close(ends[1]);
    bool shown = child > 0 && wait_for(child);
    signal(SIGINT, before);
    return shown;
}
