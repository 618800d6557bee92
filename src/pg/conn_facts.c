#include "pg/conn_private.h"

#include "base/text.h"

#include <openssl/ssl.h>
#include <string.h>
#include <time.h>

const char *conn_address(const struct pg_conn *conn)
{
    const struct pg_target *target = conn->target;
    if (pg_target_is_unix(target))
        return NULL;
    if (conn->opening.lookup.state == LOOKUP_FOUND)
        return conn->opening.lookup.addresses->text[conn->opening.address];
    if (target->hostaddr)
        return target->hostaddr;
    return resolve_is_address(target->host) ? target->host : "";
}

const char *pg_conn_address(const struct pg_conn *conn)
{
    const char *address = conn_address(conn);
    return address ? address : "";
}

/* The verification that the mode guarantees, not the one that happened: with
 * `require` libpq also checks the chain if it finds a root certificate, but the
 * user has not asked for that. */
static const char *name_verification(enum pg_sslmode mode)
{
    switch (mode) {
    case PG_SSL_VERIFY_FULL:
        return "full";
    case PG_SSL_VERIFY_CA:
        return "ca";
    case PG_SSL_DISABLE:
    case PG_SSL_PREFER:
    case PG_SSL_REQUIRE:
        break;
    }
    return "none";
}

static void copy_attribute(PGconn *pg, const char *name, char *to, size_t size)
{
    const char *value = PQsslAttribute(pg, name);
    text_copy(to, size, value ? value : "");
}

/* When the server's own certificate expires; 0: unknown. */
static nsec cert_expiry(PGconn *pg)
{
    SSL *ssl = PQsslStruct(pg, "OpenSSL");
    X509 *cert = ssl ? SSL_get_peer_certificate(ssl) : NULL; /* adds a reference */
    struct tm tm;
    nsec expiry = 0;
    if (cert && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1) {
        time_t seconds = timegm(&tm);
        if (seconds > 0 && seconds < NEVER / NSEC_PER_SEC)
            expiry = seconds * NSEC_PER_SEC;
    }
    X509_free(cert);
    return expiry;
}

void conn_read_login_facts(struct pg_conn *conn)
{
    PGconn *pg = conn->session->pg;
    struct pgcensus_transport *transport = &conn->transport;
    conn->server_version = PQserverVersion(pg);
    *transport = (struct pgcensus_transport){
        .known = true,
        .unix_socket = pg_target_is_unix(conn->target),
    };
    if (!PQsslInUse(pg))
        return;
    copy_attribute(pg, "protocol", transport->tls, sizeof transport->tls);
    copy_attribute(pg, "cipher", transport->cipher, sizeof transport->cipher);
    transport->verified = name_verification(conn->opening.mode);
    transport->cert_expires_at = cert_expiry(pg);
}

void pg_conn_transport(const struct pg_conn *conn,
                       struct pgcensus_transport *ret_transport)
{
    *ret_transport = conn->transport;
}

const char *pg_conn_parameter(const struct pg_conn *conn, const char *name)
{
    bool open = conn->state == PG_READY || conn->state == PG_BUSY;
    return open ? PQparameterStatus(conn->session->pg, name) : NULL;
}

int pg_conn_server_version(const struct pg_conn *conn)
{
    return conn->server_version;
}

bool pg_conn_was_refused(const struct pg_conn *conn)
{
    return conn->refused;
}

int pg_conn_backend_pid(const struct pg_conn *conn)
{
    return conn->session ? PQbackendPID(conn->session->pg) : 0;
}

bool pg_conn_asked_md5(const struct pg_conn *conn)
{
    return conn->asked_md5;
}

const struct pg_timing *pg_conn_timing(const struct pg_conn *conn)
{
    return &conn->timing;
}
