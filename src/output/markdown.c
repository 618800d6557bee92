/* Tables of GitHub's Markdown, which many wikis take as well.
 *
 *     | node | port | message |
 *     | :--- | ---: | :--- |
 *     | pg-a | 5432 | connection refused \| lost |
 *
 * Rows stream, so nothing is padded: a renderer aligns them, numbers to the right.
 * Cells are text and stay it: whatever Markdown would take for markup is escaped,
 * because names and messages come from servers, and a message of theirs must not become
 * an image or a link on a page of ours. */
#include "base/text.h"
#include "output/writer.h"

#include <ctype.h>
#include <string.h>

struct markdown_writer {
    struct writer writer;
    struct buf shown; /* a piece of a cell made safe */
};

/* An underscore within a word is no markup, and names have many. */
static bool is_markup(const char *text, size_t n, size_t at)
{
    if (text[at] != '_')
        return text[at] && strchr("\\|`*[]<>&~$", text[at]);
    bool after_word = at > 0 && isalnum((unsigned char)text[at - 1]);
    bool before_word = at + 1 < n && isalnum((unsigned char)text[at + 1]);
    return !(after_word && before_word);
}

static void add_escaped(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_markup(text, n, i))
            buf_add_char(out, '\\');
        buf_add_char(out, text[i]);
    }
}

/* A row is a line, so the lines of a cell have to be said. */
static void add_markdown(struct markdown_writer *markdown, const char *text, size_t n)
{
    struct buf *out = markdown->writer.out;
    for (;;) {
        const char *newline = n > 0 ? memchr(text, '\n', n) : NULL;
        size_t len = newline ? (size_t)(newline - text) : n;
        bool has_return = newline && len > 0 && text[len - 1] == '\r';
        buf_clear(&markdown->shown);
        text_add_safe(&markdown->shown, text, len - has_return);
        add_escaped(out, markdown->shown.bytes, markdown->shown.len);
        if (!newline)
            break;
        buf_add_str(out, "<br>");
        text += len + 1;
        n -= len + 1;
    }
    out->broken |= markdown->shown.broken;
}

static void markdown_begin(struct writer *writer)
{
    struct markdown_writer *markdown = (struct markdown_writer *)writer;
    markdown->shown = BUF_INIT;
    if (writer->look->tuples_only || writer->n_columns == 0)
        return;
    for (size_t i = 0; i < writer->n_columns; i++) {
        buf_add_str(writer->out, "| ");
        add_markdown(markdown, writer->columns[i].name,
                     strlen(writer->columns[i].name));
        buf_add_char(writer->out, ' ');
    }
    buf_add_str(writer->out, "|\n");
    for (size_t i = 0; i < writer->n_columns; i++)
        buf_add_str(writer->out,
                    writer->columns[i].align == ALIGN_RIGHT ? "| ---: " : "| :--- ");
    buf_add_str(writer->out, "|\n");
}

static void markdown_row(struct writer *writer, const struct cell *cells)
{
    struct markdown_writer *markdown = (struct markdown_writer *)writer;
    const char *null = writer_null(writer);
    for (size_t i = 0; i < writer->n_columns; i++) {
        buf_add_str(writer->out, "| ");
        if (cells[i].kind == CELL_NULL)
            add_markdown(markdown, null, strlen(null));
        else
            add_markdown(markdown, cells[i].text, cells[i].len);
        buf_add_char(writer->out, ' ');
    }
    if (writer->n_columns > 0)
        buf_add_str(writer->out, "|\n");
}

static void markdown_end(struct writer *writer)
{
    buf_fini(&((struct markdown_writer *)writer)->shown);
}

const struct writer_type writer_markdown = {sizeof(struct markdown_writer),
                                            markdown_begin, markdown_row, markdown_end};
