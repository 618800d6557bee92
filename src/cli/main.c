/* The program: what belongs to the process as a whole, and the only mutable globals. */
#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/term/messages.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/prctl.h>
#include <unistd.h>

static void on_signal(int number);

static struct signals signals = {.handler = on_signal};

static void on_signal(int number)
{
    signals_note(&signals, number);
}

/* A descriptor that was closed when we were started would be given to the first socket
 * or file that is opened, and output would go there.  Read-only, so that writing to it
 * fails as writing to a closed one does. */
static bool occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    /* A core file holds every password, and no limit of its size stops one that goes to
     * a program (core_pattern "|..."). */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!occupy_standard_streams())
        return EXIT_NOT_JUDGED;
    /* A reader that went away and a file that grew too large are output errors, not the
     * end of the process. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* Only to learn whether the terminal speaks UTF-8: numbers, sorting and messages
     * are the same everywhere. */
    setlocale(LC_CTYPE, "");

    struct process process = {.signals = &signals};
    terminal_ask(&process.terminal);
    return command_dispatch(&process, argv);
}
