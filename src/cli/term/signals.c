#include "cli/term/signals.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/exit_status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

bool signals_open(struct signals *signals, struct pgcensus_error *ret_error)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_SYSTEM, "no pipe for signals: %s",
                         strerror(errno));
    signals->wake_fd = fds[0];
    signals->note_fd = fds[1];
    signals->listening = true;

    struct sigaction action = {.sa_handler = signals->handler, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    return true;
}

int signals_take(struct signals *signals)
{
    char bytes[16];
    if (!signals->first)
        return 0;
    while (read(signals->wake_fd, bytes, sizeof bytes) > 0)
        continue;
    return signals->first;
}

void signals_close(struct signals *signals)
{
    signals->listening = false;
}

void signals_listen(struct signals *signals)
{
    signals->listening = true;
}

/* timeout(1) sends a signal to the process and, a moment later, to its group: that is
 * one signal, and what it asks for must not be cut short. */
static bool is_echo(const struct signals *signals, int number)
{
    const nsec longest = 50 * NSEC_PER_MSEC;
    return signals->first == number && clock_now() - signals->first_at < longest;
}

void signals_note(struct signals *signals, int number)
{
    if (is_echo(signals, number))
        return;
    if (signals->first || !signals->listening)
        _exit(EXIT_BY_SIGNAL + number);
    signals->first_at = clock_now();
    signals->first = number;
    int before = errno;
    ssize_t written = write(signals->note_fd, "", 1);
    (void)written; /* a full pipe wakes just as well */
    errno = before;
}
