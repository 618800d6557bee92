#include "base/login.h"

#include <string.h>

static bool is_port(const char *text, size_t n)
{
    size_t digits = 0;
    while (digits < n && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return digits > 0 && (digits == n || strchr("/?#&,;'\"]}) \t", text[digits]));
}

/* Whether the text behind a colon may be the password of USER:PASSWORD@HOST.
 * In a URL without "@" only a port may stand there. */
static bool begins_password(const char *text, size_t n, bool in_url)
{
    if (n == 0 || strchr(" \t:", *text))
        return false;
    for (size_t at = 0; at < n && (in_url || !strchr(" \t", text[at])); at++)
        if (text[at] == '@')
            return true;
    return in_url && !is_port(text, n);
}

bool login_find(const char *text, size_t n, size_t *ret_offset)
{
    static const char scheme_end[] = "://";
    bool in_url = false;

    for (size_t at = 0; at < n; at++) {
        if (text[at] != ':')
            continue;
        if (n - at >= strlen(scheme_end) &&
            memcmp(text + at, scheme_end, strlen(scheme_end)) == 0) {
            in_url = true;
        } else if (begins_password(text + at + 1, n - at - 1, in_url)) {
            *ret_offset = at + 1;
            return true;
        }
    }
    return false;
}

/* ---- hiding ---- */

static void replace(char *from, const char *to)
{
    static const char stars[] = "***";
    size_t n = strlen(to) + 1;
    if (to - from <
        (long)strlen(stars)) /* stars of the same length; there is no room for three */
        memset(from, '*', (size_t)(to - from));
    else
        memmove((char *)memcpy(from, stars, strlen(stars)) + strlen(stars), to, n);
}

/* The text behind KEYWORD=, where blanks around "=" are allowed as in a
 * connection string; NULL: there is none. */
static const char *find_value_of(const char *keyword, const char *text)
{
    while ((text = strcasestr(text, keyword)) != NULL) {
        text += strlen(keyword);
        const char *sign = text + strspn(text, " ");
        if (*sign == '=')
            return sign + 1 + strspn(sign + 1, " ");
    }
    return NULL;
}

/* The value behind any usual word for a password, also at the end of a longer
 * word: sslpassword, my_pwd. */
static const char *find_value(const char *text)
{
    static const char *const keywords[] = {"password", "passwd", "passwort", "pass",
                                           "pwd"};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const char *value = find_value_of(keywords[i], text);
        if (value && (!first || value < first))
            first = value;
    }
    return first;
}

void login_hide(char *text)
{
    size_t offset;
    const char *value = find_value(text);
    if (value)
        replace(text + (value - text), strchr(text, '\0'));
    if (!login_find(text, strlen(text), &offset))
        return;
    const char *end = strrchr(text + offset, '@');
    replace(text + offset, end ? end : strchr(text, '\0'));
}

bool login_is_in(const char *text)
{
    size_t offset;
    return find_value(text) || login_find(text, strlen(text), &offset);
}
