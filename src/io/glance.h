/* Tries files before a library opens them, on a worker thread, because the disk
 * behind a path may never answer (NFS without its server).  One look serves all
 * claimants of a file; a file that can be read is not looked at again for a
 * minute. */
#ifndef IO_GLANCE_H
#define IO_GLANCE_H

#include "io/workers.h"

/* Instead of an errno: neither a regular file nor /dev/null.  Reading a FIFO
 * waits for a writer, and a device may have no end. */
enum { GLANCE_ODD_FILE = -1 };

enum glance_state {
    GLANCE_NONE,
    GLANCE_WAITING,
    GLANCE_SEEN,
};

/* One claimant's interest in one file; embedded, zeroed at first. */
struct glance {
    enum glance_state state;
    int error;  /* SEEN: 0 if it can be read, an errno, or GLANCE_ODD_FILE */
    nsec since; /* when it was asked for */

    /* its own */
    struct sight *sight; /* NULL unless WAITING */
    struct task *waiter;
    struct list_node node;
};

struct glances;

struct glances *glances_new(struct loop *loop, struct workers *workers);
/* Claimants that wait become NONE; a look that lasts is left to the workers. */
void glances_free(struct glances *glances);
AUTO_DEFINE(struct glances *, glances_free)

/* Answers at once from memory, or goes to GLANCE_WAITING and wakes the waiter later. */
void glances_ask(struct glances *glances, struct glance *glance, const char *path,
                 struct task *waiter, nsec now);
/* Back to GLANCE_NONE, from any state.  The look itself goes on, so that a disk which
 * does not answer holds one thread and not one per claimant. */
void glance_forget(struct glance *glance);

#endif
