/* libyaml's errors in plain words.
 *
 * libyaml says what the grammar expected, and rarely what the user got wrong.  The
 * first row that matches wins; an error without a row is passed on in libyaml's words.
 */
#include "config/read/tree.h"

#include <string.h>
#include <yaml.h>

struct explanation {
    const char *problem;
    const char *context; /* NULL: any */
    bool at_context;     /* report it where the construct began */
    bool indentation;    /* only if the error is at the beginning of a line */
    const char *message;
    const char *hint;
};

static const struct explanation behind_value = {.message = "something behind a value",
                                                .hint = "check the quotation marks"};

static const struct explanation explanations[] = {
    {"could not find expected ':'", .at_context = true,
     .message = "a key without \":\"", .hint = "every entry is \"key: value\""},
    {"mapping values are not allowed in this context",
     .message = "a \":\" where no key can be",
     .hint = "quote values that contain \": \" or end in \":\", and check the "
             "indentation"},
    {"found unexpected ':'", .message = "a \":\" that ends a value",
     .hint = "put the value between quotation marks"},
    {"did not find expected key", "while parsing a block mapping", .indentation = true,
     .message = "this does not line up with the keys above",
     .hint = "keys of one mapping have the same indentation"},
    {"did not find expected '-' indicator", .indentation = true,
     .message = "this does not line up with the list above",
     .hint = "entries of a list begin with \"- \" in the same column"},
    {"block sequence entries are not allowed in this context",
     .message = "a list entry \"- \" where none can be",
     .hint = "check the indentation"},
    {"found unexpected end of stream", "while scanning a quoted scalar",
     .at_context = true, .message = "a quotation mark that is never closed"},
    {"found unknown escape character",
     .message = "an unknown escape sequence in double quotes",
     .hint = "write \\\\ for a backslash, or use single quotes"},
    {"did not find expected ',' or '}'", .at_context = true,
     .message = "a \"{\" without \",\" or \"}\" in its place"},
    {"did not find expected ',' or ']'", .at_context = true,
     .message = "a \"[\" without \",\" or \"]\" in its place"},
    {"did not find expected node content", .message = "no value where one must be"},
    {"found a tab character that violates indentation",
     .message = "a tab in the indentation",
     .hint = "YAML does not allow tabs for indentation; use spaces"},
    {"did not find expected <document start>",
     .message = "text behind the end of the configuration",
     .hint = "check the indentation"},
};

static const struct explanation *find_explanation(const yaml_parser_t *parser)
{
    for (size_t i = 0; i < ARRAY_SIZE(explanations); i++) {
        const struct explanation *row = &explanations[i];
        if (parser->problem && strcmp(row->problem, parser->problem) == 0 &&
            (!row->context ||
             (parser->context && strcmp(row->context, parser->context) == 0)))
            return row;
    }
    return NULL;
}

static struct source_pos mark_pos(const yaml_mark_t *mark)
{
    return (struct source_pos){.line = (unsigned)mark->line + 1,
                               .column = (unsigned)mark->column + 1};
}

/* How many bytes of the line stand before a mark; marks count characters. */
static size_t find_mark(const struct source *source, const yaml_mark_t *mark,
                        struct line_cursor *ret_cursor)
{
    struct line_cursor cursor = {.line = 0};
    size_t at = 0;
    if (source_seek(source, &cursor, (unsigned)mark->line + 1))
        at = cursor.start;
    for (size_t i = 0; i < mark->column && at < cursor.end; i++) {
        uint32_t code;
        size_t length = text_decode(source->file.bytes + at, cursor.end - at, &code);
        at += length ? length : 1;
    }
    *ret_cursor = cursor;
    return at - cursor.start;
}

/* Whether only blanks and dashes stand before the mark, so that the indentation is what
 * is wrong. */
static bool begins_line(const struct source *source, const yaml_mark_t *mark)
{
    struct line_cursor cursor;
    size_t before = find_mark(source, mark, &cursor);
    const char *line = source->file.bytes + cursor.start;
    return strspn(line, " \t-") >= before;
}

/* "found character that cannot start any token": a tab needs another hint than the
 * others. */
static void explain_character(const yaml_parser_t *parser, const struct source *source,
                              struct diagnostic_list *diagnostics)
{
    struct source_pos at = mark_pos(&parser->problem_mark);
    struct line_cursor cursor;
    size_t offset = find_mark(source, &parser->problem_mark, &cursor) + cursor.start;
    char c = offset < cursor.end ? source->file.bytes[offset] : '\0';
    if (c == '\t')
        diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR, at,
                 "YAML does not allow tabs for indentation; use spaces", "a tab%s",
                 begins_line(source, &parser->problem_mark) ? " in the indentation"
                                                            : "");
    else
        diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR, at,
                 "put the value between quotation marks",
                 "a value cannot begin with \"%c\"", c >= ' ' && c < 0x7f ? c : '?');
}

void tree_explain(const yaml_parser_t *parser, const struct source *source,
                  struct diagnostic_list *diagnostics)
{
    static const char no_token[] = "found character that cannot start any token";
    struct source_pos at = mark_pos(&parser->problem_mark);

    if (parser->error == YAML_READER_ERROR) {
        source_position(source, parser->problem_offset, &at.line, &at.column);
        diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR, at, NULL,
                 "a control character that YAML does not allow");
        return;
    }
    if (parser->problem && strcmp(parser->problem, no_token) == 0) {
        explain_character(parser, source, diagnostics);
        return;
    }
    const struct explanation *row = find_explanation(parser);
    if (row && row->indentation && !begins_line(source, &parser->problem_mark))
        row = &behind_value;
    if (row && row->at_context)
        at = mark_pos(&parser->context_mark);
    diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR, at, row ? row->hint : NULL, "%s",
             row               ? row->message
             : parser->problem ? parser->problem
                               : "this is not YAML");
}
