/* What the scanner of statements lets through is one statement, and none that begins or
 * ends a transaction; what it calls several are several.
 *
 * The judge is a second reading of "Lexical Structure" in the PostgreSQL manual, made
 * another way: one character at a time, it blanks out what is no code, and then looks
 * at what is left. */
#include "fuzz.h"

#include <ctype.h>
#include <pgcensus/query.h>

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(char c)
{
    return c && strchr(" \t\r\n\f\v", c);
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (c & 0x80);
}

static bool is_wordly(char c)
{
    return is_letter(c) || isdigit((unsigned char)c) || c == '$';
}

enum mode { CODE, WORD, LINE, BLOCK, PLAIN, NAME, ESCAPED, AFTER_ESCAPED, DOLLAR };

struct judge {
    enum mode mode;
    const char *word; /* where the last one began */
    unsigned depth;   /* of comments */
    const char *tag;  /* of the dollar quote */
    size_t tag_length;
    const char *ended; /* the quote that may have ended an E'' */
    bool line_end;     /* … and a line end was seen since */
};

/* $tag$ at this place; 0: no. */
static size_t dollar_quote(const char *at)
{
    size_t n = 1;
    if (is_letter(at[n]))
        while (is_letter(at[n]) || isdigit((unsigned char)at[n]))
            n++;
    return at[n] == '$' ? n + 1 : 0;
}

/* Where a text may begin.  How many characters were looked at. */
static size_t begin(struct judge *judge, const char *at, bool escapes)
{
    size_t n = *at == '$' ? dollar_quote(at) : 0;
    if (at[0] == '-' && at[1] == '-') {
        judge->mode = LINE;
        return 2;
    }
    if (at[0] == '/' && at[1] == '*') {
        judge->mode = BLOCK;
        judge->depth = 1;
        return 2;
    }
    if (n) {
        judge->mode = DOLLAR;
        judge->tag = at;
        judge->tag_length = n;
        return n;
    }
    judge->mode = *at == '\''      ? escapes ? ESCAPED : PLAIN
                  : *at == '"'     ? NAME
                  : is_letter(*at) ? WORD
                                   : CODE;
    judge->word = at;
    return 1;
}

static size_t within_block(struct judge *judge, const char *at)
{
    bool opens = at[0] == '/' && at[1] == '*', closes = at[0] == '*' && at[1] == '/';
    judge->depth = judge->depth + opens - closes;
    if (judge->depth == 0)
        judge->mode = CODE;
    return opens || closes ? 2 : 1;
}

/* Behind a quote in E'': is it doubled, the end, or does the text go on below? */
static size_t after_escaped(struct judge *judge, const char *at)
{
    if (*at == '\'' && (at == judge->ended + 1 || judge->line_end)) {
        judge->mode = ESCAPED;
        return 1;
    }
    if (at[0] == '-' && at[1] == '-') {
        size_t n = 2;
        while (at[n] && !is_line_end(at[n]))
            n++;
        return n;
    }
    judge->line_end |= is_line_end(*at);
    if (is_blank(*at))
        return 1;
    judge->mode = CODE;
    return 0;
}

/* One step; *ret_code: what is looked at is code. */
static size_t step(struct judge *judge, const char *at, bool *ret_code)
{
    bool lone_e = at == judge->word + 1 && (*judge->word | 0x20) == 'e' && *at == '\'';
    *ret_code = false;
    switch (judge->mode) {
    case WORD:
        if (is_wordly(*at)) {
            *ret_code = true;
            return 1;
        }
        __attribute__((fallthrough));
    case CODE: {
        size_t n = begin(judge, at, judge->mode == WORD && lone_e);
        *ret_code = judge->mode == CODE || judge->mode == WORD;
        return n;
    }
    case LINE:
        if (is_line_end(*at))
            judge->mode = CODE;
        return 1;
    case BLOCK:
        return within_block(judge, at);
    case PLAIN:
    case NAME:
        if (*at == (judge->mode == PLAIN ? '\'' : '"'))
            judge->mode = CODE;
        return 1;
    case ESCAPED:
        if (*at == '\\' && at[1])
            return 2;
        if (*at == '\'') {
            judge->mode = AFTER_ESCAPED;
            judge->ended = at;
            judge->line_end = false;
        }
        return 1;
    case AFTER_ESCAPED:
        return after_escaped(judge, at);
    case DOLLAR:
        if (strncmp(at, judge->tag, judge->tag_length) != 0)
            return 1;
        judge->mode = CODE;
        return judge->tag_length;
    }
    return 1;
}

/* The code of it: comments are blanks, and a text is a quote. */
static char *code_of(const char *text)
{
    size_t length = strlen(text);
    char *code = malloc(length + 1);
    struct judge judge = {.mode = CODE, .word = text};
    require(code);
    memset(code, ' ', length);
    code[length] = '\0';
    for (const char *at = text; *at;) {
        bool is_code;
        enum mode before = judge.mode;
        size_t n = step(&judge, at, &is_code);
        bool begins = before != judge.mode && judge.mode >= PLAIN;
        if (is_code)
            code[at - text] = *at;
        else if (begins && judge.mode != AFTER_ESCAPED)
            code[at - text] = '\'';
        at += n;
    }
    return code;
}

static bool begins_with(const char *code, const char *word)
{
    size_t n = strlen(word);
    return strncasecmp(code, word, n) == 0 && !is_wordly(code[n]);
}

static const char *behind(const char *code, const char *blanks)
{
    return code + strspn(code, blanks);
}

/* Statements that are not empty, as far as semicolons outside of parentheses tell. */
static unsigned count(const char *code)
{
    unsigned n = 0, depth = 0;
    bool empty = true;
    for (; *code; code++) {
        if (*code == ';' && depth == 0) {
            empty = true;
        } else if (!is_blank(*code)) {
            n += empty;
            empty = false;
            depth += *code == '(';
            depth -= *code == ')' && depth > 0;
        }
    }
    return n;
}

static bool is_transaction(const char *code)
{
    static const char *const words[] = {"begin",     "start",    "commit",
                                        "end",       "rollback", "abort",
                                        "savepoint", "release",  "prepare"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins_with(code, words[i]))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = fuzz_string(bytes, n), *code = code_of(text);
    const char *why = pgcensus_query_refuses(text, /* write= */ false);
    const char *first = behind(code, " \t\r\n\f\v;");
    bool creates = begins_with(first, "create"); /* maybe a function with a body */
    if (!why) {
        require(*first && (creates || count(code) == 1));
        require(!is_transaction(first) && !begins_with(first, "copy"));
    } else if (strstr(why, "several")) {
        require(count(code) > 1);
    } else if (strstr(why, "empty")) {
        require(count(code) == 0);
    }
    free(code);
    free(text);
    return 0;
}
