/* Ctrl-C and its relatives (INT, TERM, HUP, QUIT): while the program listens, the
 * first one is noted and makes wake_fd readable; any other ends the process on the
 * spot, except the same once more in the same moment.
 *
 * A signal handler is given no argument, so its state must be a global, and globals
 * live in main.c: main.c holds the struct and the handler of one line. */
#ifndef CLI_TERM_SIGNALS_H
#define CLI_TERM_SIGNALS_H

#include <pgcensus/status.h>
#include <signal.h>
#include <stdbool.h>

struct signals {
    volatile sig_atomic_t listening;
    volatile sig_atomic_t first; /* 0: none has come */
    long long first_at;          /* written and read by the handler only */
    int wake_fd;                 /* readable once one has come */
    int note_fd;
    void (*handler)(int); /* calls signals_note() */
};

/* From now on signals are noted.  One that was ignored when we were started (nohup, a
 * background job) stays ignored. */
bool signals_open(struct signals *signals, struct pgcensus_error *ret_error);

/* From now on a signal ends the process at once.  For a program that only writes what
 * it has: it would not obey, and if its reader takes nothing it would have to be
 * interrupted twice. */
void signals_close(struct signals *signals);

/* From now on signals are noted again. */
void signals_listen(struct signals *signals);

/* The first signal that came, 0: none.  wake_fd is not readable any more afterwards. */
int signals_take(struct signals *signals);

/* For the handler only; async-signal-safe. */
void signals_note(struct signals *signals, int number);

#endif
