/* In libpq later keywords win, so the order is: our defaults, the node's own
 * keywords, those that a node must not change. */
#include "pg/keywords.h"

#include <string.h>

#define NOWHERE "/dev/null/none" /* a file that cannot exist */

static void add_keyword(struct keyword_list *list, const char *keyword,
                        const char *value)
{
    if (!value || list->n >= KEYWORDS_MAX)
        return;
    list->keywords[list->n] = keyword;
    list->values[list->n] = value;
    list->n++;
}

/* Keywords that a server may refuse before authentication.  We set nothing in
 * `options`: a limit there would override a lower one of the role. */
static bool is_extra(const char *keyword)
{
    return strcmp(keyword, "application_name") == 0;
}

/* NULL: any method. */
static const char *what_may_be_asked(const struct pg_target *target,
                                     const struct pg_abilities *abilities,
                                     const struct login_options *attempt)
{
    static const char *const words[2][2] = {
        {"!gss,!sspi", "!gss,!sspi,!oauth"},
        {"!gss,!sspi,!password", "!gss,!sspi,!password,!oauth"},
    };
    bool plain = attempt->mode == PG_SSL_DISABLE && !attempt->local;
    if (!abilities->require_auth)
        return NULL;
    if (target->gss)
        return abilities->oauth ? "!oauth" : NULL;
    return words[plain][abilities->oauth];
}

bool keyword_list_init(struct keyword_list *list, const struct pg_target *target,
                       const struct pg_abilities *abilities,
                       const struct login_options *attempt)
{
    *list = (struct keyword_list){0};
    if (target->n_keywords > KEYWORDS_MAX - 20)
        return false;
    snprintf(list->port, sizeof list->port, "%u", target->port);

    if (!attempt->bare) {
        add_keyword(list, "fallback_application_name", "pgcensus");
        add_keyword(list, "client_encoding", "UTF8");
    }
    if (!target->gss)
        add_keyword(list, "gssencmode", "disable");
    add_keyword(list, "require_auth", what_may_be_asked(target, abilities, attempt));
    for (size_t i = 0; i < target->n_keywords; i++)
        if (!attempt->bare || !is_extra(target->keywords[i].keyword))
            add_keyword(list, target->keywords[i].keyword, target->keywords[i].value);

    add_keyword(list, "host", target->host);
    add_keyword(list, "hostaddr", attempt->address);
    add_keyword(list, "port", list->port);
    add_keyword(list, "dbname", target->dbname);
    add_keyword(list, "user", target->user);
    add_keyword(list, "password", target->password);
    /* libpq complains on stderr about /dev/null, and would read ~/.pgpass again for
     * every connection without any. */
    add_keyword(list, "passfile", NOWHERE);
    add_keyword(list, "sslmode", pg_sslmode_name(attempt->mode));
    /* After a step down to "require" libpq must not find a root certificate: it
     * would verify all the same, and the step would cure nothing. */
    if (attempt->mode == PG_SSL_REQUIRE && target->sslmode > PG_SSL_REQUIRE)
        add_keyword(list, "sslrootcert", NOWHERE);
    return true;
}
