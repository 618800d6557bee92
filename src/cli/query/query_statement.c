#include "cli/query/query_statement.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* A file that is larger holds no statement. */
enum { LONGEST_STATEMENT = 16 << 20, PIECE = 64 * 1024 };

static bool read_to_end(int fd, const char *name, struct buf *text,
                        struct pgcensus_error *ret_error)
{
    for (;;) {
        char piece[PIECE];
        ssize_t n = read(fd, piece, sizeof piece);
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "could not read %s: %s",
                             name, strerror(errno));
        if (n > 0)
            buf_add(text, piece, (size_t)n);
        if (text->len > LONGEST_STATEMENT)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                             "%s is larger than 16 MB", name);
    }
}

static bool read_statement_file(const char *path, struct buf *text,
                                struct pgcensus_error *ret_error)
{
    if (strcmp(path, "-") == 0)
        return read_to_end(STDIN_FILENO, "standard input", text, ret_error);
    AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "could not open %s: %s",
                         path, strerror(errno));
    return read_to_end(fd, path, text, ret_error);
}

const char *query_file(const struct query_arguments *arguments)
{
    const char *file = arguments->file;
    return file && strcmp(file, "-") != 0 ? file : NULL;
}

static bool read_source(const struct query_arguments *arguments, struct buf *text,
                        struct pgcensus_error *ret_error)
{
    const char *word =
        arguments->general.words.n > 0 ? arguments->general.words.items[0] : NULL;
    if (arguments->file)
        return read_statement_file(arguments->file, text, ret_error);
    if (word && strcmp(word, "-") == 0)
        return read_statement_file("-", text, ret_error);
    buf_add_str(text, word ? word : arguments->command);
    return true;
}

/* A byte order mark, which some editors put in front of a file in UTF-8. */
static void drop_mark(struct buf *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (strncmp(text->bytes, mark, 3) == 0)
        memmove(text->bytes, text->bytes + 3, (text->len -= 3) + 1);
}

/* COPY and the session have a way out, which is an option. */
static const char *words_of_refusal(enum pgcensus_refusal refusal)
{
    switch (refusal) {
    case PGCENSUS_REFUSAL_COPY:
        return "COPY is not supported; use SELECT with --csv";
    case PGCENSUS_REFUSAL_SESSION:
        return "PREPARE, DEALLOCATE and DISCARD need --write: they change the session, "
               "which may be somebody else's next";
    case PGCENSUS_REFUSAL_NONE:
    case PGCENSUS_REFUSAL_EMPTY:
    case PGCENSUS_REFUSAL_PSQL:
    case PGCENSUS_REFUSAL_SEVERAL:
    case PGCENSUS_REFUSAL_TRANSACTION:
        break;
    }
    return pgcensus_refusal_text(refusal);
}

bool query_read_statement(const struct query_arguments *arguments, char **ret_sql,
                          struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    if (!read_source(arguments, &text, ret_error))
        return false;
    if (text.broken)
        return error_memory(ret_error);
    if (strlen(text.bytes) != text.len)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "there is a NUL in the statement");
    drop_mark(&text);
    const char *wrong =
        words_of_refusal(pgcensus_query_refusal(text.bytes, arguments->write));
    if (wrong)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s", wrong);
    *ret_sql = buf_take(&text);
    return *ret_sql || error_memory(ret_error);
}
