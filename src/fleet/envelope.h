/* The envelope of a statement of somebody's own, as docs and README promise it:
 *
 *     BEGIN … READ ONLY; SELECT what it meets, transaction_read_only     before it
 *     ROLLBACK                                                          after it
 *
 * The SELECT takes the snapshot, after which SET TRANSACTION READ WRITE is an error,
 * and its last column says whether the transaction is what it should be. */
#ifndef FLEET_ENVELOPE_H
#define FLEET_ENVELOPE_H

#include "base/buf.h"
#include "fleet/node.h"

/* The server gives up so much later than we do, so that it is we who say why. */
#define ENVELOPE_GRACE (500 * NSEC_PER_MSEC)

/* The settings of the envelope that was opened last, as SQL.  Most nodes of a fleet get
 * the same ones, so a thousand of them are written once. */
struct envelope_memo {
    unsigned settings; /* 0: there are none yet */
    nsec limit;
    struct buf sql;
};

#define ENVELOPE_MEMO_INIT ((struct envelope_memo){.sql = BUF_INIT})

/* How the statement is to be met. */
struct envelope_wish {
    nsec limit;   /* statement_timeout, unless the session has a shorter one */
    bool display; /* values look alike on every server; false: as the session has it */
    struct envelope_memo *memo; /* the asker's; NULL: it opens only one */
};

/* Adds the one Query that opens it; without what the node has refused by now. */
void envelope_open(const struct envelope_wish *wish, const struct node *node,
                   const struct pg_conn *conn, struct buf *sql);
/* Adds the one Query that limits a statement which must not be in a transaction, for as
 * long as the session lasts; only where the session is ours alone, and so not behind a
 * pooler, declared or not.  False: there is nothing to ask. */
bool envelope_limit(const struct envelope_wish *wish, const struct node *node,
                    const struct pg_conn *conn, struct buf *sql);
/* The opening was an error: whether to try once more, without what was refused.  The
 * node remembers. */
bool envelope_concede(struct node *node, const struct pg_conn *conn);
/* What the answer to the opening says: the transaction is open and read-only, and the
 * statement may be sent. */
bool envelope_holds(const struct pg_conn *conn, const struct rowset *rows);

/* The transaction could not be opened because the pooler gives each statement to
 * another server: why, and what to do; NULL: that is not it. */
const char *envelope_impossible(const struct pgcensus_failure *failure);
/* The Query that closes it; behind a pooler what a function may have left in the
 * session goes, too. */
const char *envelope_close(const struct node *node);

/* One SHOW, or SELECT 1: it may go without an envelope, as a simple Query. */
bool envelope_is_needless(const char *sql);

#endif
