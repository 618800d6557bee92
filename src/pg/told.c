/* Reads a server's error out of libpq's verbose text of a failed login:
 *
 *     connection to server at "h" (192.0.2.1), port 5432 failed: FATAL:  28P01: text
 *     DETAIL:  text
 *     HINT:  text
 *     LOCATION:  function, file.c:338
 *
 * libpq's interface does not give its SQLSTATE, but it is in this text, in a
 * place that no translation moves ("SEVERITY:  CODE: message", two blanks, then
 * one).  Every part may have several lines.  The labels are libpq's; a program
 * that turns on LC_MESSAGES has them translated, and then DETAIL and HINT are
 * read as lines of the message.
 *
 * All of the text except the labels comes from the server, which may send
 * labels, too.  That does no harm: a label only decides whether words count as
 * message, detail or hint. */
#include "pg/told.h"

#include "base/memory.h"

#include <ctype.h>
#include <string.h>

enum { SQLSTATE = 5 };

bool pg_is_sqlstate(const char *text)
{
    for (size_t i = 0; i < SQLSTATE; i++)
        if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'A' && text[i] <= 'Z'))
            return false;
    return true;
}

/* "…failed: FATAL:  28P01: text" → the position of "28P01", or NULL. */
static const char *find_sqlstate(const char *text, size_t n)
{
    static const char colon[] = ":  ";
    const char *end = text + n, *at = text;
    while ((at = memmem(at, (size_t)(end - at), colon, 3)) != NULL) {
        at += 3;
        if (end - at >= SQLSTATE + 2 && pg_is_sqlstate(at) &&
            memcmp(at + SQLSTATE, ": ", 2) == 0)
            return at;
    }
    return NULL;
}

/* The beginning of the severity that ends at colon. */
static const char *find_severity(const char *text, const char *colon)
{
    const char *at = colon;
    while (at > text && at[-1] != ' ' && at[-1] != '\n')
        at--;
    return at;
}

/* Skips "connection to server at "x" (y), port n failed: " and "SSL error: ",
 * because our own message says that already. */
static const char *skip_preface(const char *text)
{
    static const char failed[] = " failed: ";
    static const char *const kinds[] = {"SSL error: ", "fe_sendauth: "};
    if (strncmp(text, "connection to server", 20) == 0) {
        size_t line = strcspn(text, "\n");
        const char *end = strstr(text, failed);
        if (end && (size_t)(end - text) < line)
            text = end + sizeof failed - 1;
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strncmp(text, kinds[i], strlen(kinds[i])) == 0)
            text += strlen(kinds[i]);
    return text;
}

struct pg_words pg_words_of(const char *text)
{
    return (struct pg_words){text, text ? (int)strlen(text) : 0};
}

static struct pg_words words_between(const char *start, const char *end)
{
    return (struct pg_words){start, end > start ? (int)(end - start) : 0};
}

/* The part that a line of the text begins. */
enum part { PART_NONE, PART_DETAIL, PART_HINT, PART_END };

static bool starts_with(const char *line, const char *words)
{
    return strncmp(line, words, strlen(words)) == 0;
}

/* Finds libpq's labels, as they are without LC_MESSAGES.  Labels of other
 * parts, and the text of another attempt that libpq appends, end the text. */
static enum part part_of(const char *line, size_t n, const char **ret_start)
{
    static const char detail[] = "DETAIL:  ", hint[] = "HINT:  ";
    static const char *const ends[] = {
        "QUERY:  ",         "CONTEXT:  ",     "SCHEMA NAME:  ",
        "TABLE NAME:  ",    "COLUMN NAME:  ", "DATATYPE NAME:  ",
        "CONSTRAINT NAME:", "LOCATION:  ",    "connection to server",
    };
    if (starts_with(line, detail)) {
        *ret_start = line + sizeof detail - 1;
        return PART_DETAIL;
    }
    if (starts_with(line, hint)) {
        *ret_start = line + sizeof hint - 1;
        return PART_HINT;
    }
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
        if (starts_with(line, ends[i]))
            return PART_END;
    return find_sqlstate(line, n) ? PART_END : PART_NONE;
}

/* True for "EMPLACEMENT : auth_failed, auth.c:338", the last line of a libpq in
 * another language. */
static bool is_location(const char *line, size_t n)
{
    size_t digits = 0;
    while (digits < n && isdigit((unsigned char)line[n - 1 - digits]))
        digits++;
    static const char middle[] = ".c:";
    size_t end = sizeof middle - 1;
    return digits > 0 && n > digits + end &&
           memcmp(line + n - digits - end, middle, end) == 0 &&
           memchr(line, ',', n) != NULL;
}

/* The first line always belongs to the message, even if it looks like a label. */
static void split_parts(const char *message, struct pg_told *told)
{
    struct pg_words *part = &told->message;
    const char *start = message, *end = message + strcspn(message, "\n");
    for (const char *line = end; *line && line[1];) {
        const char *next = line;
        line++;
        size_t n = strcspn(line, "\n");
        enum part kind = part_of(line, n, &next);
        if (kind == PART_END || is_location(line, n))
            break;
        if (kind != PART_NONE) {
            *part = words_between(start, end);
            part = kind == PART_DETAIL ? &told->detail : &told->hint;
            start = next;
        }
        line += n;
        end = line;
    }
    *part = words_between(start, end);
}

bool pg_told_parse(const char *text, struct pg_told *ret_told)
{
    const char *code = find_sqlstate(text, strlen(text));
    *ret_told = (struct pg_told){.sqlstate = ""};
    if (!code) {
        const char *own = skip_preface(text);
        if (strstr(own, "server closed the connection") || strstr(own, "EOF detected"))
            own = "the server closed the connection";
        ret_told->message = words_between(own, own + strcspn(own, "\n"));
        return false;
    }
    const char *colon = code - 3;
    memcpy(ret_told->sqlstate, code, SQLSTATE);
    ret_told->severity = words_between(find_severity(text, colon), colon);
    split_parts(code + SQLSTATE + 2, ret_told);
    return true;
}
