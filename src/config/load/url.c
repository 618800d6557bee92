/* Explains a bad URL or connection string without quoting a password.
 *
 * libpq's message quotes a piece of what it was given, which may be a password.  So we
 * look through the text again for names that its parser does not know: a word before a
 * "=" that is, or is like, a keyword of any libpq can be quoted without risk. */
#include "config/load/url.h"

#include "config/keys.h"
#include "config/model/value_reader.h"
#include "pg/conninfo.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

enum { LONGEST_KEYWORD = 40 };

static const char of_words[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

static const char *closest_keyword(const char *word)
{
    const char *keywords[KEY_COUNT];
    size_t n = 0;

    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (key_row((enum key)i)->libpq)
            keywords[n++] = key_row((enum key)i)->path;
    return text_closest(word, keywords, n);
}

/* A name that libpq's parser may have refused. */
struct suspect {
    char word[LONGEST_KEYWORD];
    bool in_uri;
    bool shown; /* it may be quoted: nothing of a secret can be in it */
};

/* False: there is nothing to say about it, or nothing that may be quoted. */
static bool explain_word(const struct suspect *suspect, struct source_pos at,
                         struct diagnostic_list *diagnostics)
{
    const char *word = suspect->word, *why = key_refused(word), *near;
    bool known = true;
    enum key key;

    if (why) {
        diagnose(diagnostics, ERROR, at, NULL, "%s is not supported: %s", word, why);
        return true;
    }
    if (key_find(word, &key) && key_row(key)->libpq) {
        diagnostics->no_memory |= !pg_conninfo_knows(&word, 1, &known);
        if (!known)
            value_reader_refuse_unknown(diagnostics, key, at);
        return !known;
    }
    near = closest_keyword(word);
    if (!near && !suspect->shown)
        return false;
    diagnose(diagnostics, ERROR, at, NULL, "unknown %s \"%s\"%s%s%s",
             suspect->in_uri && !near ? "parameter" : "key", word,
             near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    return true;
}

/* ---- where names stand ---- */

/* The first "?" that can begin parameters.  libpq takes what stands before a "@" for
 * the login, unless a "/" comes first.  NULL: there are no parameters. */
static const char *find_parameters(const char *uri)
{
    const char *host = strstr(uri, "://") + 3;
    const char *login_end = host + strcspn(host, "@/");
    return strchr(*login_end == '@' ? login_end : host, '?');
}

/* Nothing is quoted if a "@" follows: then a password with an unescaped "?" or "/" may
 * reach into what looks like parameters. */
static bool explain_uri(const char *uri, struct source_pos at,
                        struct diagnostic_list *diagnostics)
{
    const char *name = find_parameters(uri);
    struct suspect suspect = {.in_uri = true};
    bool explained = false;

    if (!name)
        return false;
    suspect.shown = !strchr(name, '@');
    while (*name) {
        size_t n = strspn(++name, of_words);
        if (n > 0 && n < LONGEST_KEYWORD && name[n] == '=') {
            snprintf(suspect.word, LONGEST_KEYWORD, "%.*s", (int)n, name);
            explained |= explain_word(&suspect, at, diagnostics);
        }
        name += strcspn(name, "&");
    }
    return explained;
}

/* Whether the text is a connection string at all.  Anything else, "u:PW=x@host", may be
 * a secret from its beginning to its end. */
static bool begins_with_keyword(const char *text)
{
    size_t n = strspn(text += strspn(text, " "), of_words);
    char word[LONGEST_KEYWORD];
    enum key key;

    if (n == 0 || n >= LONGEST_KEYWORD || text[n + strspn(text + n, " ")] != '=')
        return false;
    snprintf(word, LONGEST_KEYWORD, "%.*s", (int)n, text);
    return key_find(word, &key) && key_row(key)->libpq;
}

/* Looks at each word before a "=".  Behind a password with a blank in it, a word that
 * is like no keyword may be a piece of the password, and is not quoted. */
static bool explain_string(const char *text, struct source_pos at,
                           struct diagnostic_list *diagnostics)
{
    struct suspect suspect = {.shown = begins_with_keyword(text)};
    bool explained = false;

    while (*text) {
        size_t n = strspn(text, of_words);
        if (n > 0 && n < LONGEST_KEYWORD && text[n + strspn(text + n, " ")] == '=') {
            snprintf(suspect.word, LONGEST_KEYWORD, "%.*s", (int)n, text);
            explained |= explain_word(&suspect, at, diagnostics);
        }
        suspect.shown &= n == 0 ? !strchr("@:", *text) : !quote_is_secret_key(text, n);
        text += n ? n : 1;
    }
    return explained;
}

/* Users try "db1" and "10.0.0.1:5433" first.  We do not quote them: a lone word may be
 * a piece of a password that the shell split at a blank. */
static const char *how_to_write(const char *url)
{
    static const char of_hosts[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "0123456789.-_";
    size_t host = strspn(url, of_hosts);
    const char *port = url + host + 1;

    if (host > 0 && url[host] == '\0')
        return "write a host alone as host=HOST";
    if (host > 0 && url[host] == ':' && *port && !port[strspn(port, "0123456789")])
        return "write a host and its port as \"host=HOST port=PORT\"";
    return "write postgresql://USER@HOST:PORT/DBNAME or \"host=HOST port=PORT\"";
}

void url_explain(const char *url, struct source_pos at,
                 struct diagnostic_list *diagnostics)
{
    bool is_uri =
        strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0;
    bool explained = is_uri ? explain_uri(url, at, diagnostics)
                            : explain_string(url, at, diagnostics);
    if (!explained)
        diagnose(diagnostics, ERROR, at, how_to_write(url),
                 "it is neither a URI nor a connection string");
}
