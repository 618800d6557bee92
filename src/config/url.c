#include "config/url.h"

#include "config/keys.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

enum { LONGEST_KEYWORD = 40 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/* Ours that are libpq's, and those that we refuse by name, are no mistakes of typing.
 */
static const char *closest_keyword(const char *word)
{
    const char *keywords[KEY_COUNT];
    size_t n = 0;
    enum key key;

    if (key_refused(word) || (key_find(word, &key) && key_row(key)->libpq))
        return NULL;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (key_row((enum key)i)->libpq)
            keywords[n++] = key_row((enum key)i)->path;
    return text_closest(word, keywords, n);
}

/* The first word before a "=" that is nearly a keyword.  One that is like none is not
 * named: behind a blank in a password, it would be a piece of that. */
static const char *find_misspelt(const char *text, char ret_word[LONGEST_KEYWORD])
{
    while (*text) {
        size_t n = strspn(text, letters);
        if (n > 0 && n < LONGEST_KEYWORD && text[n + strspn(text + n, " ")] == '=') {
            snprintf(ret_word, LONGEST_KEYWORD, "%.*s", (int)n, text);
            const char *near = closest_keyword(ret_word);
            if (near)
                return near;
        }
        text += n ? n : 1;
    }
    return NULL;
}

/* "db1" and "10.0.0.1:5433" are what people type first.  They are not repeated: a lone
 * word may as well be a password whose blank the shell has split. */
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

void url_explain(const char *url, struct place at, struct complaints *complaints)
{
    char word[LONGEST_KEYWORD];
    bool is_uri = strstr(url, "://") != NULL;
    const char *parameters = is_uri ? strchr(url, '?') : url;
    const char *near = parameters ? find_misspelt(parameters, word) : NULL;

    if (near)
        complain(complaints, ERROR, at, NULL,
                 "unknown key \"%s\" (did you mean \"%s\"?)", word, near);
    else
        complain(complaints, ERROR, at, how_to_write(url),
                 "it is neither a URI nor a connection string");
}
