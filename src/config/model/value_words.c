/* Values that are words: names, hosts, choices.
 *
 * Frequent mistakes (a URL or a port in host, a list of servers) have messages of their
 * own, because the remedy is another one. */
#include "config/model/value_private.h"
#include "config/read/diagnostic_list.h"
#include "io/resolve.h"

#include <string.h>

/* The file is known to be UTF-8; the value of a variable need not be. */
bool value_text(const struct value_input *input)
{
    size_t n = strlen(input->text);
    for (size_t at = 0; at < n;) {
        uint32_t code;
        size_t length = text_decode(input->text + at, n - at, &code);
        if (length == 0)
            return value_refuse(input, NULL, "is not valid UTF-8");
        if (code < 0x20 || code == 0x7f)
            return value_refuse(input, NULL, "holds a control character");
        at += length;
    }
    return true;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool value_name(const struct value_input *input)
{
    const char *at = input->text;
    bool good = is_alphanumeric(*at);
    for (; good && *at; at++)
        good = is_alphanumeric(*at) || strchr("._-", *at);
    return good ||
           value_refuse(
               input,
               "letters, digits, \".\", \"_\" and \"-\"; a letter or digit first",
               "%s cannot be a name", quoted(input->written).text);
}

static bool is_host_and_port(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon && colon > text && colon[1] &&
           colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

static const char name_the_parts[] =
    "name the parts: host, port, dbname, user; put a password into password_file";

/* No resolver knows such a host, so we say so once and not once per node. */
static bool refuse_characters(const struct value_input *input, const char *shown)
{
    const char *text = input->text;
    if (*text == '[')
        return value_refuse(input, "write ::1, without brackets",
                            "%s holds brackets, which belong to URLs", shown);
    if (*text == '~')
        return value_refuse(input, "write ${HOME}/...", "\"~\" is not expanded");
    if (strpbrk(text, " \t\r\n"))
        return value_refuse(input, NULL, "%s holds a blank", shown);
    if (strchr(text, '/'))
        return value_refuse(input, "the directory of a socket begins with \"/\"",
                            "%s holds a \"/\"", shown);
    return value_refuse(input, NULL, "%s cannot be a host", shown);
}

static bool is_plain_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *text != '-' && text[strspn(text, letters)] == '\0';
}

bool value_host(const struct value_input *input)
{
    const char *text = input->text;
    if (*text == '/' || is_plain_name(text))
        return value_text(input);

    /* Quoting takes its time, and few of ten thousand hosts get here. */
    struct quoted shown = quoted(input->written);
    if (strstr(text, "://"))
        return value_refuse(input, name_the_parts, "%s is a URL, not a host",
                            shown.text);
    if (strchr(text, ','))
        return value_refuse(input,
                            "a node is one server; list them as nodes of their own",
                            "%s names several hosts", shown.text);
    if (is_host_and_port(text))
        return value_refuse(input, "write host and port as two keys", "%s holds a port",
                            shown.text);
    if (*text == '@')
        return value_refuse(input, NULL,
                            "%s is an abstract socket, which is not supported",
                            shown.text);
    if (strchr(text, '@'))
        return value_refuse(input, name_the_parts, "%s holds a user, not only a host",
                            shown.text);
    if (*text == '-' || strpbrk(text, " \t\r\n/~*=?!\"'\\[](){}<>|;&$"))
        return refuse_characters(input, shown.text);
    return value_text(input);
}

/* libpq's own tools take URLs and "host=... password=..." for a database, too.  We
 * would send them to the server as a name, password and all. */
bool value_dbname(const struct value_input *input)
{
    static const char *const signs[] = {"://", "password=", "host="};
    for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
        if (strcasestr(input->text, signs[i]))
            return value_refuse(input, name_the_parts,
                                "%s is a connection string, not a database",
                                quoted(input->written).text);
    return value_text(input);
}

bool value_address(const struct value_input *input)
{
    if (resolve_is_address(input->text))
        return true;
    return value_refuse(input,
                        strchr(input->text, ',') ? "a node is one server; list nodes"
                                                 : "write a name as host",
                        "%s is not one IPv4 or IPv6 address",
                        quoted(input->written).text);
}

bool value_path(const struct value_input *input)
{
    if (input->text[0] == '~')
        return value_refuse(input, "write ${HOME}/...", "\"~\" is not expanded");
    return value_text(input);
}

bool value_choice(const struct value_input *input, int64_t *ret_number)
{
    const char *choices[MOST_CHOICES];
    size_t n = 0;
    for (size_t i = 0; i < MOST_CHOICES; i++) {
        const char *choice = input->row->choices[i];
        if (choice && strcmp(choice, input->text) == 0) {
            *ret_number = (int64_t)i;
            return true;
        }
        if (choice)
            choices[n++] = choice;
    }

    if (input->key == KEY_SSLMODE && strcmp(input->text, "allow") == 0)
        return value_refuse(input, "use prefer: TLS if the server has it",
                            "\"allow\" is not supported, it logs in without TLS first");
    AUTO(buf_fini) struct buf list = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_add_format(&list, "%s%s",
                       i == 0      ? ""
                       : i + 1 < n ? ", "
                                   : " or ",
                       choices[i]);
    const char *near = text_closest(input->text, choices, n);
    return value_refuse(input, NULL, "%s is not %s%s%s%s", quoted(input->written).text,
                        list.bytes, near ? " (did you mean \"" : "", near ? near : "",
                        near ? "\"?)" : "");
}

bool value_boolean(const struct value_input *input, int64_t *ret_number)
{
    static const char *const words[] = {"false", "true"};
    for (int i = 0; i < 2; i++)
        if (strcmp(input->text, words[i]) == 0) {
            *ret_number = i;
            return true;
        }
    const char *near = text_closest(input->text, words, 2);
    return value_refuse(input, NULL, "%s is neither true nor false%s%s%s",
                        quoted(input->written).text, near ? " (did you mean \"" : "",
                        near ? near : "", near ? "\"?)" : "");
}

bool value_auth_methods(const struct value_input *input)
{
    static const char *const methods[] = {"password",      "md5",   "gss", "sspi",
                                          "scram-sha-256", "oauth", "none"};
    for (const char *at = input->text;; at++) {
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
            return value_refuse(input, "such as scram-sha-256, or !password,!md5",
                                "%s is not a list of authentication methods",
                                quoted(input->written).text);
        at += length;
        at += strspn(at, " ");
        if (*at == '\0')
            return true;
        if (*at != ',')
            return value_refuse(input, "separate them by commas",
                                "%s is not a list of authentication methods",
                                quoted(input->written).text);
    }
}
