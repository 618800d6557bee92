#include "config/read/expand.h"

#include <stdlib.h>
#include <string.h>

static bool is_name_char(char c, bool first)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

/* A reference, "${NAME}" or "${NAME:-default}". */
struct reference {
    size_t name_length;
    const char *fallback; /* NULL: none */
    size_t fallback_length;
    size_t length; /* all of it */
};

static bool read_reference(const char *text, struct reference *ret_reference)
{
    struct reference reference = {0};
    const char *at = text + 2;

    while (is_name_char(*at, at == text + 2))
        at++;
    reference.name_length = (size_t)(at - (text + 2));
    if (reference.name_length == 0 || reference.name_length > LONGEST_VARIABLE)
        return false;
    if (at[0] == ':' && at[1] == '-') {
        reference.fallback = at + 2;
        reference.fallback_length = strcspn(at + 2, "}");
        at = reference.fallback + reference.fallback_length;
    }
    if (*at != '}')
        return false;
    reference.length = (size_t)(at + 1 - text);
    *ret_reference = reference;
    return true;
}

static enum expanded add_reference(const char *text, const struct reference *reference,
                                   struct buf *out,
                                   char ret_variable[LONGEST_VARIABLE + 1])
{
    memcpy(ret_variable, text + 2, reference->name_length);
    ret_variable[reference->name_length] = '\0';

    const char *value = getenv(ret_variable);
    if (reference->fallback && (!value || !*value))
        buf_add(out, reference->fallback, reference->fallback_length);
    else if (value)
        buf_add_str(out, value);
    else
        return EXPAND_UNSET;
    return EXPANDED;
}

enum expanded expand_text(const char *text, struct buf *out,
                          char ret_variable[LONGEST_VARIABLE + 1])
{
    while (*text) {
        size_t plain = strcspn(text, "$");
        buf_add(out, text, plain);
        text += plain;
        if (text[0] == '$' && text[1] == '{') {
            struct reference reference;
            if (!read_reference(text, &reference))
                return EXPAND_BROKEN;
            if (add_reference(text, &reference, out, ret_variable) == EXPAND_UNSET)
                return EXPAND_UNSET;
            text += reference.length;
        } else if (*text == '$') {
            buf_add_char(out, '$');
            text += text[1] == '$' ? 2 : 1;
        }
    }
    return EXPANDED;
}

bool expand_has_literal(const char *text)
{
    struct reference reference;
    for (; *text; text += reference.length)
        if (text[0] != '$' || text[1] != '{' || !read_reference(text, &reference) ||
            reference.fallback_length > 0)
            return true;
    return false;
}
