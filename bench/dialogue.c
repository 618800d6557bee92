/* One side of PostgreSQL's protocol 3.0, the server's, in canned answers.
 *
 * Messages are answered as they come, without a memory of statements: every statement
 * has the same answer, so a Bind needs no name.  All a client can choose is whether its
 * 1 comes as text or binary.
 *
 * The one exception is the simple protocol, in which a client may open and close a
 * transaction: its statements are known by their first word, and a ';' ends one
 * wherever it stands. */
#include "dialogue.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { SSL_REQUEST = 80877103, GSS_REQUEST = 80877104, CANCEL_REQUEST = 80877102 };

/* ---- what a server says ---- */

static void say(struct answer *answer, const void *bytes, size_t n)
{
    if (answer->n + n <= sizeof answer->bytes) {
        memcpy(answer->bytes + answer->n, bytes, n);
        answer->n += n;
    }
}

#define SAY(answer, literal) say(answer, literal, sizeof(literal) - 1)

static void say_parameter(struct answer *answer, const char *name, const char *value)
{
    uint32_t length = htonl((uint32_t)(4 + strlen(name) + 1 + strlen(value) + 1));
    SAY(answer, "S");
    say(answer, &length, sizeof length);
    say(answer, name, strlen(name) + 1);
    say(answer, value, strlen(value) + 1);
}

static void say_ready(struct answer *answer, bool in_transaction)
{
    if (in_transaction)
        SAY(answer, "Z\0\0\0\5T");
    else
        SAY(answer, "Z\0\0\0\5I");
}

static void say_welcome(struct answer *answer)
{
    SAY(answer, "R\0\0\0\10\0\0\0\0");
    say_parameter(answer, "server_version", "15.0");
    say_parameter(answer, "server_encoding", "UTF8");
    say_parameter(answer, "client_encoding", "UTF8");
    say_parameter(answer, "is_superuser", "off");
    say_parameter(answer, "in_hot_standby", "off");
    say_parameter(answer, "default_transaction_read_only", "off");
    say_parameter(answer, "integer_datetimes", "on");
    say_parameter(answer, "standard_conforming_strings", "on");
    say_parameter(answer, "DateStyle", "ISO, MDY");
    say_parameter(answer, "TimeZone", "UTC");
    SAY(answer, "K\0\0\0\14\0\0\0\1\0\0\0\2");
    say_ready(answer, false);
}

static void say_columns(struct answer *answer)
{
    SAY(answer, "T\0\0\0\41\0\1?column?\0"
                "\0\0\0\0\0\0\0\0\0\27\0\4\377\377\377\377\0\0");
}

static void say_row(struct answer *answer, bool binary)
{
    if (binary)
        SAY(answer, "D\0\0\0\16\0\1\0\0\0\4\0\0\0\1");
    else
        SAY(answer, "D\0\0\0\13\0\1\0\0\0\1"
                    "1");
    SAY(answer, "C\0\0\0\15SELECT 1\0");
}

static void say_number(struct answer *answer, uint32_t number, size_t bytes)
{
    uint32_t big_endian = htonl(number << 8 * (4 - bytes));
    say(answer, &big_endian, bytes);
}

/* What a primary says of itself to `pgcensus check`: three statements in one message,
 * the last of which answers with one text; its parts end with 0x1e. */
static void say_facts(struct answer *answer)
{
    static const char facts[] = "f|off\036"
                                "1795694967123456\036"
                                "1795694967123456\036"
                                "7|0|8|100|3\036"
                                "7712448124973480850|1\036"
                                "1\036"
                                "0/4CB6088\036"
                                "\036\036\036"
                                "|\036"
                                "\036"
                                "0\n\036"
                                "0\n\036";
    enum { LENGTH = sizeof facts - 1 };
    SAY(answer, "C\0\0\0\10SET\0"
                "C\0\0\0\7DO\0");
    SAY(answer, "T\0\0\0\36\0\1facts\0"
                "\0\0\0\0\0\0\0\0\0\31\377\377\377\377\377\377\0\0");
    SAY(answer, "D");
    say_number(answer, 4 + 2 + 4 + LENGTH, 4);
    say_number(answer, 1, 2);
    say_number(answer, LENGTH, 4);
    say(answer, facts, LENGTH);
    SAY(answer, "C\0\0\0\11SHOW\0");
}

/* ---- what a client says ---- */

static uint32_t number(const unsigned char *at, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

/* Whether a Bind asks for binary results: the last thing in it, behind two names, the
 * formats of the parameters and the parameters. */
static bool wants_binary(const unsigned char *body, size_t n)
{
    return n >= 4 && number(body + n - 4, 2) == 1 && number(body + n - 2, 2) == 1;
}

static bool begins_with(const char *text, size_t n, const char *word)
{
    size_t length = strlen(word);
    return n >= length && strncasecmp(text, word, length) == 0;
}

static void obey_statement(struct dialogue *dialogue, const char *text, size_t n,
                           struct answer *answer)
{
    if (begins_with(text, n, "BEGIN")) {
        dialogue->in_transaction = true;
        SAY(answer, "C\0\0\0\12BEGIN\0");
    } else if (begins_with(text, n, "ROLLBACK")) {
        dialogue->in_transaction = false;
        SAY(answer, "C\0\0\0\15ROLLBACK\0");
    } else if (begins_with(text, n, "COMMIT")) {
        dialogue->in_transaction = false;
        SAY(answer, "C\0\0\0\13COMMIT\0");
    } else if (begins_with(text, n, "SET ")) {
        SAY(answer, "C\0\0\0\10SET\0");
    } else if (dialogue->in_transaction && begins_with(text, n, "SELECT pg_catalog.")) {
        say_columns(answer);
        SAY(answer, "D\0\0\0\14\0\1\0\0\0\2"
                    "on");
        SAY(answer, "C\0\0\0\15SELECT 1\0");
    } else {
        say_columns(answer);
        say_row(answer, false);
    }
}

/* Of a Query, which may hold several statements. */
static void obey_statements(struct dialogue *dialogue, const char *text, size_t n,
                            struct answer *answer)
{
    static const char facts[] = "SET LOCAL search_path TO pg_catalog, pg_temp; DO ";
    const char *end = text + strnlen(text, n);
    bool empty = true;
    if (begins_with(text, n, facts)) { /* there are semicolons in it */
        say_facts(answer);
        return;
    }
    for (const char *next; text < end; text = next) {
        const char *semicolon = memchr(text, ';', (size_t)(end - text));
        const char *stop = semicolon ? semicolon : end;
        next = semicolon ? semicolon + 1 : end;
        while (text < stop && strchr(" \t\r\n", *text))
            text++;
        if (text == stop)
            continue;
        empty = false;
        obey_statement(dialogue, text, (size_t)(stop - text), answer);
    }
    if (empty)
        SAY(answer, "I\0\0\0\4");
}

static bool obey(struct dialogue *dialogue, char type, const unsigned char *body,
                 size_t n, struct answer *answer)
{
    switch (type) {
    case 'Q':
        obey_statements(dialogue, (const char *)body, n, answer);
        say_ready(answer, dialogue->in_transaction);
        return true;
    case 'P':
        SAY(answer, "1\0\0\0\4");
        return true;
    case 'D':
        if (n > 0 && body[0] == 'S')
            SAY(answer, "t\0\0\0\6\0\0");
        say_columns(answer);
        return true;
    case 'B':
        dialogue->binary = wants_binary(body, n);
        SAY(answer, "2\0\0\0\4");
        return true;
    case 'E':
        say_row(answer, dialogue->binary);
        return true;
    case 'C':
        SAY(answer, "3\0\0\0\4");
        return true;
    case 'S':
        say_ready(answer, dialogue->in_transaction);
        return true;
    case 'H':
        return true;
    }
    return false;
}

/* Before the start-up packet there is no type byte. */
static bool greet(struct dialogue *dialogue, uint32_t code, struct answer *answer)
{
    if (code == SSL_REQUEST || code == GSS_REQUEST) {
        SAY(answer, "N");
        return true;
    }
    if (code == CANCEL_REQUEST)
        return false;
    dialogue->started = true;
    say_welcome(answer);
    return true;
}

static bool obey_or_greet(struct dialogue *dialogue, const unsigned char *message,
                          size_t length, struct answer *answer)
{
    if (dialogue->started)
        return obey(dialogue, (char)message[0], message + 5, length - 4, answer);
    return length >= 8 && greet(dialogue, number(message + 4, 4), answer);
}

bool dialogue_go_on(struct dialogue *dialogue, struct answer *answer)
{
    size_t at = 0;
    for (;;) {
        const unsigned char *message = dialogue->input + at;
        size_t left = dialogue->n - at, head = dialogue->started ? 1 : 0;
        if (left < head + 4)
            break;
        size_t length = number(message + head, 4);
        if (length < 4 || length + head > sizeof dialogue->input)
            return false;
        if (left < head + length)
            break;
        at += head + length;
        if (!obey_or_greet(dialogue, message, length, answer))
            return false;
    }
    dialogue->n -= at;
    memmove(dialogue->input, dialogue->input + at, dialogue->n);
    return true;
}
