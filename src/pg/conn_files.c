/* Tries the files that libpq is about to open for TLS, one after the other,
 * once the server has said yes to TLS; so they cost nothing without TLS.
 *
 * libpq must not meet a file that it cannot read.  Its reason would be garbage:
 * with OpenSSL 3 and an error of the system nothing fills SSLerrmessage()'s
 * buffer (15.20).  And a FIFO or a dead disk would block it for ever, in every
 * login.
 *
 * The time that a look takes is not charged to the node: it moves the
 * deadlines, unless the look never ends. */
#include "pg/conn_private.h"
#include "pg/sqlstate.h"
#include "pg/tls_files.h"

#include <errno.h>

static void fail_file(struct pg_conn *conn, const struct pg_tls_file *file, int error)
{
    if (error == GLANCE_ODD_FILE) {
        conn->starved = true; /* fewer connections would not help */
        conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL, "%s \"%s\" is no regular file",
                  file->keyword, file->path);
        return;
    }
    enum pgcensus_class class = pg_errno_class(error);
    conn_fail(conn, class == PGCENSUS_CLASS_LOCAL ? class : PGCENSUS_CLASS_TLS, NULL,
              "cannot read %s \"%s\": %s", file->keyword, file->path,
              pg_errno_text(error));
}

/* The file that is next, if libpq opens it. */
static bool next_file(const struct pg_conn *conn, struct pg_tls_file *ret_file)
{
    const struct opening *opening = &conn->opening;
    return pg_tls_file(conn->target, opening->mode, opening->file, ret_file) &&
           !(opening->missing && pg_tls_file_depends(ret_file));
}

enum conn_look_result conn_look_at_files(struct pg_conn *conn, nsec now)
{
    struct opening *opening = &conn->opening;
    struct glance *glance = &opening->glance;
    struct glances *glances = conn->env->glances;
    for (; glances && opening->file < PG_TLS_FILES; opening->file++) {
        struct pg_tls_file file;
        if (!next_file(conn, &file))
            continue;
        if (glance->state == GLANCE_NONE)
            glances_ask(glances, glance, file.path, conn->task, now);
        if (glance->state == GLANCE_WAITING) {
            conn_want(conn, -1, 0, opening->address_deadline);
            return LOOK_WAIT;
        }
        int error = glance->error;
        opening->excused = 0;
        conn_excuse(conn, now - glance->since);
        glance_forget(glance);
        opening->missing =
            error == ENOENT || error == ENOTDIR; /* libpq reports that correctly */
        if (error && !opening->missing) {
            fail_file(conn, &file, error);
            return LOOK_REFUSE;
        }
    }
    return LOOK_LEND;
}

void conn_file_hangs(struct pg_conn *conn, const char *patience)
{
    struct pg_tls_file file;
    pg_tls_file(conn->target, conn->opening.mode, conn->opening.file, &file);
    conn->starved = true;
    conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL,
              "cannot read %s \"%s\": it did not open within %s", file.keyword,
              file.path, patience);
    glance_forget(&conn->opening.glance);
}
