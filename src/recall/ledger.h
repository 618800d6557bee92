/* The text of a state file: a line that names the version, a line per node, and a line
 * that says how many there were, so that a file that was cut off is known as such. */
#ifndef RECALL_LEDGER_H
#define RECALL_LEDGER_H

#include "base/buf.h"
#include "recall/record.h"

/* Owns its records. */
struct ledger {
    struct record **records;
    size_t n, cap;
};

void ledger_fini(struct ledger *ledger);
AUTO_DEFINE_VALUE(struct ledger, ledger_fini)

/* A new record at the end; NULL: no memory. */
struct record *ledger_add(struct ledger *ledger, const char *name, size_t length);
void ledger_sort(struct ledger *ledger); /* by name */

enum ledger_verdict {
    LEDGER_OK,
    LEDGER_EMPTY,   /* nothing, or the zeros that a crash left */
    LEDGER_TORN,    /* ours, but not whole */
    LEDGER_NEWER,   /* of a version to come */
    LEDGER_FOREIGN, /* somebody else's file */
    LEDGER_NO_MEMORY,
};

/* Fills in an empty ledger; it stays empty unless the verdict is OK. */
enum ledger_verdict ledger_read(const struct buf *text, struct ledger *ret_ledger);
void ledger_write(const struct ledger *ledger, struct buf *out);

#endif
