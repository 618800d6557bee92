/* What a function makes of a column is compared as the column is.
 *
 * SQLite knows how a column is compared and forgets it for max(column); a COLLATE
 * behind the name makes it remember.  So the names of such columns get one where they
 * stand alone as an argument of a function or as a branch of a CASE: nothing else in
 * the statement changes, and names of results are taken from the statement as it was.
 *
 * The surprise: this looks at words and knows no grammar.  Where it errs SQLite says
 * so, and the statement is taken as it was. */
#include "query/reduce_private.h"

#include <string.h>

enum kind { END, WORD, QUOTED, TEXT, SIGN };

struct token {
    enum kind kind;
    const char *at;
    size_t n;
};

static bool is_token_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Blanks and comments. */
static const char *skip(const char *at)
{
    for (;;) {
        const char *start = at, *end;
        at += strspn(at, " \t\r\n\f");
        if (strncmp(at, "--", 2) == 0)
            at += strcspn(at, "\n");
        else if (strncmp(at, "/*", 2) == 0)
            at = (end = strstr(at + 2, "*/")) ? end + 2 : at + strlen(at);
        if (at == start)
            return at;
    }
}

/* Up to the closing quote; a doubled one is part of it. */
static size_t quoted_length(const char *at, char close)
{
    size_t n = 1;
    while (at[n]) {
        if (at[n++] != close)
            continue;
        if (at[n] != close || close == ']')
            break;
        n++;
    }
    return n;
}

static struct token next_token(const char **rest)
{
    struct token token = {SIGN, skip(*rest), 1};
    char c = *token.at;
    if (!c) {
        token.kind = END;
        token.n = 0;
    } else if (c == '\'') {
        token.kind = TEXT;
        token.n = quoted_length(token.at, c);
    } else if (c == '"' || c == '`' || c == '[') {
        token.kind = QUOTED;
        token.n = quoted_length(token.at, c == '[' ? ']' : c);
    } else if (is_token_word(c)) {
        token.kind = WORD;
        while (is_token_word(token.at[token.n]))
            token.n++;
    }
    *rest = token.at + token.n;
    return token;
}

static struct token peek_token(const char *rest)
{
    return next_token(&rest);
}

static bool is_sign(const struct token *token, char c)
{
    return token->kind == SIGN && *token->at == c;
}

static bool is_any_token(const struct token *token, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (token->kind == WORD && strlen(words[i]) == token->n &&
            sqlite3_strnicmp(token->at, words[i], (int)token->n) == 0)
            return true;
    return false;
}

/* ---- where a name stands ---- */

static bool is_function(const struct token *name)
{
    static const char *const words[] = {
        "in", "values", "using", "over", "as", "from", "join", "on", "by", "select",
        "and", "or", "not", "when", "then", "else", "where", "exists", "having",
        /* These give numbers, whatever they get. */
        "sum", "avg", "total", "count", "length"};
    return name->kind == WORD && !is_any_token(name, words, ARRAY_SIZE(words));
}

/* Names of the columns of a WITH: "x(a, b) AS (". */
static bool names_columns(const char *rest)
{
    static const char *const as[] = {"as"};
    struct token token;
    do
        token = next_token(&rest);
    while (token.kind != END && !is_sign(&token, ')'));
    token = next_token(&rest);
    struct token next = peek_token(rest);
    return is_any_token(&token, as, 1) && is_sign(&next, '(');
}

static bool has_function_name(const struct token *token, const char *name)
{
    size_t n = strlen(name);
    if (token->kind == WORD)
        return token->n == n && sqlite3_strnicmp(token->at, name, (int)n) == 0;
    return token->kind == QUOTED && token->n == n + 2 &&
           sqlite3_strnicmp(token->at + 1, name, (int)n) == 0;
}

/* The name of its collation; NULL: the token is no column that has one. */
static bool find_collation(const struct reduce_compare *compare,
                           const struct token *token, char (*ret_name)[24])
{
    for (size_t i = 0; i < compare->n; i++) {
        const struct reduce_column *column = &compare->columns[i];
        if (!reduce_has_collation(column) || !has_function_name(token, column->name))
            continue;
        reduce_collation_name(i, ret_name);
        return true;
    }
    return false;
}

enum { MOST_DEPTH = 200 };

/* What has been read so far. */
struct reading {
    struct token last;
    struct token before;    /* what stands before the name that is looked at, all of it:
                               "(" of "max(a.b)" for b */
    bool calls[MOST_DEPTH]; /* by open parenthesis: it is that of a function */
    size_t depth;
};

static void note_parenthesis(struct reading *reading, const struct token *token,
                             const char *rest)
{
    if (is_sign(token, '(')) {
        if (reading->depth < MOST_DEPTH)
            reading->calls[reading->depth] =
                is_function(&reading->last) && !names_columns(rest);
        reading->depth++;
    } else if (is_sign(token, ')') && reading->depth > 0) {
        reading->depth--;
    }
}

/* Alone between commas and parentheses, or between words of a CASE. */
static bool stands_alone(const struct reading *reading, const char *rest)
{
    static const char *const leads[] = {"then", "else"};
    static const char *const ends[] = {"when", "else", "end"};
    struct token next = peek_token(rest);
    bool call = reading->depth > 0 && reading->depth <= MOST_DEPTH &&
                reading->calls[reading->depth - 1];
    bool first = is_sign(&reading->before, '(') || is_sign(&reading->before, ',');
    bool last = is_sign(&next, ')') || is_sign(&next, ',');
    return (call && first && last) ||
           (is_any_token(&reading->before, leads, ARRAY_SIZE(leads)) &&
            is_any_token(&next, ends, ARRAY_SIZE(ends)));
}

void reduce_add_collations_to(const char *sql, const struct reduce_compare *compare,
                              struct buf *text)
{
    struct reading reading = {.depth = 0};
    const char *rest = sql, *copied = sql;
    for (struct token token; (token = next_token(&rest)).kind != END;) {
        char name[24];
        note_parenthesis(&reading, &token, rest);
        if (!is_sign(&reading.last, '.') && !is_sign(&token, '.'))
            reading.before = reading.last;
        if (find_collation(compare, &token, &name) && stands_alone(&reading, rest)) {
            buf_add(text, copied, (size_t)(rest - copied));
            buf_add_format(text, " COLLATE \"%s\"", name);
            copied = rest;
        }
        reading.last = token;
    }
    buf_add_str(text, copied);
}
