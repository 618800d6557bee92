/* The life of one PGconn: started here, read through a relay when that is
 * needed, and lent to a thread for as long as libpq computes.
 *
 * session_free() leaves a session that is lent to the workers, which may free
 * it much later. */
#include "pg/session.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>
#include <sys/mman.h>

/* 57P02 after the crash of another backend, and 57P01 of an immediate shutdown,
 * come as notices; only the end of the stream follows. */
static void bid_farewell(struct session *session, const char *sqlstate,
                         const char *text)
{
    text_copy(session->shutdown_notice, sizeof session->shutdown_notice, sqlstate);
    text_copy(session->shutdown_text, sizeof session->shutdown_text, text ? text : "");
}

static void receive_notice(void *arg, const PGresult *notice)
{
    struct session *session = arg;
    session->unfinished = 0;
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (sqlstate && strncmp(sqlstate, "57P0", 4) == 0)
        bid_farewell(session, sqlstate, text);
    else if (session->notices)
        notices_add(session->notices,
                    PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED), sqlstate,
                    text, session->secrets);
}

static void poll_on_thread(struct worker_job *job)
{
    session_poll(container_of(job, struct session, job));
}

static void finish_session(struct session *session)
{
    PQfinish(session->pg);
    relay_fini(&session->relay);
    free(session);
}

static void dispose_session(struct worker_job *job)
{
    finish_session(container_of(job, struct session, job));
}

struct session *session_new(const char *const *keywords, const char *const *values)
{
    AUTO(free) struct session *session = memory_new(struct session);
    if (!session)
        return NULL;
    session->pg = PQconnectStartParams(keywords, values, 0);
    if (!session->pg)
        return NULL;
    /* These two come before the first poll: a notice would go to stderr, and
     * the SQLSTATE of a failed login is only in the verbose text. */
    PQsetNoticeReceiver(session->pg, receive_notice, session);
    PQsetErrorVerbosity(session->pg, PQERRORS_VERBOSE);
    session->polled = PGRES_POLLING_WRITING;
    session->relay = RELAY_NONE;
    session->job.work = poll_on_thread;
    session->job.dispose = dispose_session;
    return take_ptr(session);
}

void session_free(struct session *session)
{
    if (!session)
        return;
    if (session_returned(session))
        finish_session(session);
    else
        workers_abandon(&session->job);
}

bool session_is_asked(struct session *session)
{
    return session_returned(session) && PQstatus(session->pg) == CONNECTION_OK &&
           PQtransactionStatus(session->pg) == PQTRANS_ACTIVE;
}

int session_fd(const struct session *session)
{
    int server = session->relay.server;
    return server >= 0 ? server : PQsocket(session->pg);
}

void session_begin_relay(struct session *session)
{
    if (session->relay.server < 0)
        relay_open(&session->relay, PQsocket(session->pg));
}

void session_end_relay(struct session *session)
{
    if (session->relay.server < 0)
        return;
    while (session_pending(session) && PQconsumeInput(session->pg))
        ;
    if (PQsocket(session->pg) >= 0)
        relay_close(&session->relay, PQsocket(session->pg));
}

void session_forward(struct session *session, size_t most)
{
    if (session->relay.server < 0 || session->unfinished >= most)
        return;
    session->unfinished += relay_forward(&session->relay, PQsocket(session->pg),
                                         most - session->unfinished);
}

bool session_is_relayed(const struct session *session)
{
    return session->relay.server >= 0;
}

size_t session_forward_uncounted(struct session *session, size_t most)
{
    if (!session_is_relayed(session))
        return 0;
    return relay_forward(&session->relay, PQsocket(session->pg), most);
}

bool session_pending(struct session *session)
{
    return relay_pending(&session->relay, PQsocket(session->pg));
}

/* Tries whether memory can be had, because OpenSSL does not say clearly that it
 * ran out: "EVP lib", "library has no ciphers", "decode error".  The call that
 * failed has freed its memory and needed more than that, so we try a large
 * block. */
static bool memory_ran_out(void)
{
    enum { ENOUGH = 8 << 20 };
    void *room =
        mmap(NULL, ENOUGH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return true;
    munmap(room, ENOUGH);
    return false;
}

void session_poll(struct session *session)
{
    do {
        session->polled = PQconnectPoll(session->pg);
        /* libpq asks for a writable socket before it sends the first bytes of a
         * step.  The send buffer is empty then, so waiting would only cost a
         * turn of the loop. */
    } while (session->polled == PGRES_POLLING_WRITING &&
             PQstatus(session->pg) == CONNECTION_MADE);
    session->memory_ran_out =
        session->polled == PGRES_POLLING_FAILED && memory_ran_out();
}

bool session_lend(struct session *session, struct workers *workers, struct task *waiter)
{
    session->job.waiter = waiter;
    session->lent = workers_submit(workers, &session->job);
    return session->lent;
}

nsec session_waited(const struct session *session, nsec now, bool *ret_waits)
{
    return worker_job_waited(&session->job, 0, now, ret_waits);
}

bool session_returned(struct session *session)
{
    if (session->lent && worker_job_done(&session->job))
        session->lent = false;
    return !session->lent;
}
