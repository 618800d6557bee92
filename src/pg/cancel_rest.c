/* libpq takes what it has read already; the rest is read off the bare socket, because
 * libpq would keep a row of a gigabyte until it is complete.
 *
 * On the bare socket we do not know where a message begins, since libpq does
 * not tell how much of one it has.  But a server that is ready sends nothing
 * more, so its answer ends with the six known bytes of a ReadyForQuery.  If the
 * middle of a row looks like one just where the bytes pause, we send our next
 * message too early, which does no harm: the server reads it when it is ready. */
#include "pg/cancel_rest.h"

#include "pg/session.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { PIECE = 64 * 1024, PIECES_A_STEP = 16, HEADER = 5 };

bool cancel_rest_is_legible(struct session *session)
{
    return !PQsslInUse(session->pg) && !PQgssEncInUse(session->pg);
}

/* ---- what libpq has ---- */

static bool is_copy(ExecStatusType status)
{
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
           status == PGRES_COPY_BOTH;
}

/* The number of results is bounded, because nothing more is read. */
enum cancel_rest_state cancel_rest_take(struct session *session)
{
    PGconn *pg = session->pg;
    while (!PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        if (!result)
            break;
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        if (is_copy(status)) /* libpq would return it again and again */
            return CANCEL_REST_COMES;
    }
    switch (PQtransactionStatus(pg)) {
    case PQTRANS_ACTIVE:
        return CANCEL_REST_COMES;
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
        return CANCEL_REST_OPEN;
    case PQTRANS_IDLE:
    case PQTRANS_UNKNOWN:
        break;
    }
    return CANCEL_REST_OVER;
}

/* ---- what has come since ---- */

static void note_bytes(struct cancel_rest *rest, const char *bytes, size_t n)
{
    enum { MOST = sizeof rest->tail };
    size_t keep = n < MOST ? MOST - n : 0;
    size_t from = n < MOST ? n : MOST;
    memmove(rest->tail, rest->tail + MOST - keep, keep);
    memcpy(rest->tail + keep, bytes + n - from, from);
    rest->n = rest->n + from < MOST ? rest->n + from : MOST;
}

/* Compares only the bytes that are known: libpq may have read the first ones of
 * that message. */
static enum cancel_rest_state judge_end(const struct cancel_rest *rest)
{
    static const char ready[HEADER] = {'Z', 0, 0, 0, HEADER};
    size_t unknown = sizeof rest->tail - rest->n;
    if (rest->n == 0 ||
        memcmp(rest->tail + unknown, ready + unknown, HEADER - unknown) != 0)
        return CANCEL_REST_COMES;
    switch (rest->tail[HEADER]) {
    case 'I':
        return CANCEL_REST_OVER;
    case 'T':
    case 'E':
        return CANCEL_REST_OPEN;
    }
    return CANCEL_REST_COMES;
}

/* Reads a piece into bytes.  0: there is no more just now; below 0: there will
 * be no more. */
static ssize_t take_piece(int fd, char *bytes)
{
    ssize_t n;
    do
        n = recv(fd, bytes, PIECE, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n > 0 ? n : n < 0 && errno == EAGAIN ? 0 : -1;
}

enum cancel_rest_state cancel_rest_read(struct cancel_rest *rest, int fd)
{
    char bytes[PIECE];
    for (int i = 0; i < PIECES_A_STEP; i++) {
        ssize_t n = take_piece(fd, bytes);
        if (n <= 0)
            return n < 0 ? CANCEL_REST_OVER : judge_end(rest);
        note_bytes(rest, bytes, (size_t)n);
    }
    return CANCEL_REST_LEFT;
}

bool cancel_rest_drop(int fd)
{
    char bytes[PIECE];
    ssize_t n = 1;
    for (int i = 0; i < PIECES_A_STEP && n > 0; i++)
        n = take_piece(fd, bytes);
    return n >= 0;
}

/* ---- what we send ---- */

/* A simple Query.  So few bytes fit into the socket, since the server has read
 * all before them. */
bool cancel_rest_ask(struct cancel_rest *rest, int fd, const char *sql)
{
    char bytes[256] = {'Q'};
    size_t size = strlen(sql) + 1, length = size + HEADER - 1;
    assert(HEADER + size <= sizeof bytes);
    bytes[3] = (char)(length >> 8);
    bytes[4] = (char)length;
    memcpy(bytes + HEADER, sql, size);
    *rest = (struct cancel_rest){
        .n = sizeof rest->tail}; /* libpq has no part of its answer */
    return send(fd, bytes, HEADER + size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
           (ssize_t)(HEADER + size);
}
