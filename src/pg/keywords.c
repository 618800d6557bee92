/* Later ones win in libpq, so the order is: what a node may change, what the node says,
 * what nobody may change. */
#include "pg/keywords.h"

#include "base/memory.h"

#include <string.h>

#define NOWHERE "/dev/null/none" /* a file that cannot exist */

static void add(struct keyword_list *list, const char *keyword, const char *value)
{
    if (!value || list->n >= KEYWORDS_MAX)
        return;
    list->keywords[list->n] = keyword;
    list->values[list->n] = value;
    list->n++;
}

static const char *find_keyword(const struct pg_target *target, const char *name)
{
    for (size_t i = 0; i < target->n_keywords; i++)
        if (strcmp(target->keywords[i].keyword, name) == 0)
            return target->keywords[i].value;
    return NULL;
}

/* So that a statement that we have given up ends by itself: the server looks for us
 * every 500 ms, and stops slightly after our own patience in any case. */
static char *format_options(const char *own, nsec server_timeout)
{
    nsec msec = (server_timeout + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
    return memory_format("%s%s-c statement_timeout=%lld "
                         "-c client_connection_check_interval=500",
                         own ? own : "", own ? " " : "", (long long)msec);
}

static const char *what_may_be_asked(const struct attempt_options *attempt)
{
    bool plain = attempt->mode == PG_SSL_DISABLE && !attempt->local;
    return plain ? "!gss,!sspi,!password" : "!gss,!sspi";
}

bool keyword_list_init(struct keyword_list *list, const struct pg_target *target,
                       const struct pg_abilities *abilities,
                       const struct attempt_options *attempt)
{
    *list = (struct keyword_list){0};
    if (target->n_keywords > KEYWORDS_MAX - 20)
        return false;
    if (attempt->server_timeout > 0) {
        list->options =
            format_options(find_keyword(target, "options"), attempt->server_timeout);
        if (!list->options)
            return false;
    }
    snprintf(list->port, sizeof list->port, "%u", target->port);

    add(list, "fallback_application_name", "pgcensus");
    if (!target->gss) {
        add(list, "gssencmode", "disable");
        if (abilities->require_auth)
            add(list, "require_auth", what_may_be_asked(attempt));
    }
    for (size_t i = 0; i < target->n_keywords; i++)
        add(list, target->keywords[i].keyword, target->keywords[i].value);

    add(list, "host", target->host);
    add(list, "hostaddr", attempt->address);
    add(list, "port", list->port);
    add(list, "dbname", target->dbname);
    add(list, "user", target->user);
    add(list, "password", target->password);
    /* libpq complains on stderr about /dev/null, and would read ~/.pgpass again for
     * every connection without any. */
    add(list, "passfile", NOWHERE);
    add(list, "sslmode", pg_sslmode_name(attempt->mode));
    /* Having stepped down, we mean it: libpq verifies under "require", too, where it
     * finds a root certificate, and then the step would cure nothing. */
    if (attempt->mode == PG_SSL_REQUIRE && target->sslmode > PG_SSL_REQUIRE)
        add(list, "sslrootcert", NOWHERE);
    add(list, "client_encoding", "UTF8");
    add(list, "options", list->options);
    return true;
}

void keyword_list_fini(struct keyword_list *list)
{
    free(list->options);
}
