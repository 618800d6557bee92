/* Values that are words: names, hosts, choices.
 *
 * What could be taken for something else (a URL or a port in host, a list of servers)
 * is told from what is merely wrong, because the remedy is another one. */
#include "config/model/value_private.h"
#include "config/read/diagnostic_list.h"
#include "io/resolve.h"

#include <string.h>

/* What comes out of a variable need not be text at all. */
bool value_text(const struct reading *reading)
{
    size_t n = strlen(reading->text);
    for (size_t at = 0; at < n;) {
        uint32_t code;
        size_t length = text_decode(reading->text + at, n - at, &code);
        if (length == 0)
            return value_wrong(reading, NULL, "is not valid UTF-8");
        if (code < 0x20 || code == 0x7f)
            return value_wrong(reading, NULL, "holds a control character");
        at += length;
    }
    return true;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool value_name(const struct reading *reading)
{
    const char *at = reading->text;
    bool good = is_alphanumeric(*at);
    for (; good && *at; at++)
        good = is_alphanumeric(*at) || strchr("._-", *at);
    return good ||
           value_wrong(
               reading,
               "letters, digits, \".\", \"_\" and \"-\"; a letter or digit first",
               "%s cannot be a name", quoted(reading->written).text);
}

static bool is_host_and_port(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon && colon > text && colon[1] &&
           colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

static const char name_the_parts[] =
    "name the parts: host, port, dbname, user; put a password into password_file";

/* No resolver knows such a host: better said at once than once per node. */
static bool refuse_characters(const struct reading *reading, const char *shown)
{
    const char *text = reading->text;
    if (*text == '[')
        return value_wrong(reading, "write ::1, without brackets",
                           "%s holds brackets, which belong to URLs", shown);
    if (*text == '~')
        return value_wrong(reading, "write ${HOME}/...", "\"~\" is not expanded");
    if (strpbrk(text, " \t\r\n"))
        return value_wrong(reading, NULL, "%s holds a blank", shown);
    if (strchr(text, '/'))
        return value_wrong(reading, "the directory of a socket begins with \"/\"",
                           "%s holds a \"/\"", shown);
    return value_wrong(reading, NULL, "%s cannot be a host", shown);
}

static bool is_plain_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *text != '-' && text[strspn(text, letters)] == '\0';
}

bool value_host(const struct reading *reading)
{
    const char *text = reading->text;
    if (*text == '/' || is_plain_name(text))
        return value_text(reading);

    /* Of ten thousand hosts nearly none gets here; quoting takes its time. */
    struct quoted shown = quoted(reading->written);
    if (strstr(text, "://"))
        return value_wrong(reading, name_the_parts, "%s is a URL, not a host",
                           shown.text);
    if (strchr(text, ','))
        return value_wrong(reading,
                           "a node is one server; list them as nodes of their own",
                           "%s names several hosts", shown.text);
    if (is_host_and_port(text))
        return value_wrong(reading, "write host and port as two keys",
                           "%s holds a port", shown.text);
    if (*text == '@')
        return value_wrong(reading, NULL,
                           "%s is an abstract socket, which is not supported",
                           shown.text);
    if (strchr(text, '@'))
        return value_wrong(reading, name_the_parts, "%s holds a user, not only a host",
                           shown.text);
    if (*text == '-' || strpbrk(text, " \t\r\n/~*=?!\"'\\[](){}<>|;&$"))
        return refuse_characters(reading, shown.text);
    return value_text(reading);
}

/* Where a database is named, libpq's own tools take URLs and "host=... password=..."
 * too; here they would be sent to the server as a name, with the password in it. */
bool value_dbname(const struct reading *reading)
{
    static const char *const signs[] = {"://", "password=", "host="};
    for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
        if (strcasestr(reading->text, signs[i]))
            return value_wrong(reading, name_the_parts,
                               "%s is a connection string, not a database",
                               quoted(reading->written).text);
    return value_text(reading);
}

bool value_address(const struct reading *reading)
{
    if (resolve_is_address(reading->text))
        return true;
    return value_wrong(reading,
                       strchr(reading->text, ',') ? "a node is one server; list nodes"
                                                  : "write a name as host",
                       "%s is not one IPv4 or IPv6 address",
                       quoted(reading->written).text);
}

bool value_path(const struct reading *reading)
{
    if (reading->text[0] == '~')
        return value_wrong(reading, "write ${HOME}/...", "\"~\" is not expanded");
    return value_text(reading);
}

bool value_choice(const struct reading *reading, int64_t *ret_number)
{
    const char *const *choices = reading->row->choices;
    size_t n = 0;
    for (; n < MOST_CHOICES && choices[n]; n++)
        if (strcmp(choices[n], reading->text) == 0) {
            *ret_number = (int64_t)n;
            return true;
        }

    if (reading->key == KEY_SSLMODE && strcmp(reading->text, "allow") == 0)
        return value_wrong(reading, "use prefer: TLS if the server has it",
                           "\"allow\" is not supported, it logs in without TLS first");
    AUTO(buf_fini) struct buf list = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_add_format(&list, "%s%s",
                       i == 0      ? ""
                       : i + 1 < n ? ", "
                                   : " or ",
                       choices[i]);
    const char *near = text_closest(reading->text, choices, n);
    return value_wrong(
        reading, NULL, "%s is not %s%s%s%s", quoted(reading->written).text, list.bytes,
        near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

bool value_boolean(const struct reading *reading, int64_t *ret_number)
{
    static const char *const words[] = {"false", "true"};
    for (int i = 0; i < 2; i++)
        if (strcmp(reading->text, words[i]) == 0) {
            *ret_number = i;
            return true;
        }
    const char *near = text_closest(reading->text, words, 2);
    return value_wrong(reading, NULL, "%s is neither true nor false%s%s%s",
                       quoted(reading->written).text, near ? " (did you mean \"" : "",
                       near ? near : "", near ? "\"?)" : "");
}

bool value_auth_methods(const struct reading *reading)
{
    static const char *const methods[] = {"password",      "md5",   "gss", "sspi",
                                          "scram-sha-256", "oauth", "none"};
    for (const char *at = reading->text;; at++) {
        char word[32] = "";
        at += strspn(at, " ");
        at += *at == '!';
        size_t length = strcspn(at, ", ");
        if (length < sizeof word)
            memcpy(word, at, length);
        bool known = false;
        for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
            known |= strcmp(word, methods[i]) == 0;
        if (!known)
            return value_wrong(reading, "such as scram-sha-256, or !password,!md5",
                               "%s is not a list of authentication methods",
                               quoted(reading->written).text);
        at += length;
        at += strspn(at, " ");
        if (*at == '\0')
            return true;
        if (*at != ',')
            return value_wrong(reading, "separate them by commas",
                               "%s is not a list of authentication methods",
                               quoted(reading->written).text);
    }
}
