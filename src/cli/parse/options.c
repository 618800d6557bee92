/* The parser: GNU's rules without getopt_long(), which accepts every unique prefix of
 * a long name, cannot be told not to, and words its complaints itself.
 *
 *   --name VALUE  --name=VALUE  -nVALUE  -n VALUE  -Atq (bundled)  --  -
 *   --name[=VALUE]  -n[=VALUE] (where the value may be left out)
 *
 * A mistake is noted and reading continues, so that the struct at the destination is
 * as complete as it can be; only the first one is told.  A quotation stops before a
 * "=", because a password may stand behind it. */
#include "cli/parse/options.h"
#include "cli/parse/option_types.h"

#include "base/error.h"
#include "base/memory.h"
#include "cli/parse/suggest.h"

#include <stdio.h>
#include <string.h>

enum { MAX_OPTIONS = 64 }; /* of one command, for suggestions */

struct parser {
    const struct option_table *table;
    char *destination;
    size_t base;       /* where in it the part is that the row at hand writes to */
    char *const *next; /* the word behind the one that is being read */
    struct option_list *words;
    struct pgcensus_error *ret_error;
    bool failed;
};

bool option_list_add(struct option_list *list, const char *word)
{
    if (!memory_grow(&list->items, &list->cap, list->n, sizeof *list->items))
        return false;
    list->items[list->n++] = word;
    return true;
}

void option_list_fini(struct option_list *list)
{
    free(list->items);
    *list = (struct option_list){0};
}

const char *option_choice_at(const struct option *option, size_t n)
{
    const char *says;
    if (option->choice_at)
        return option->choice_at(option, n, &says);
    return option->choices ? option->choices[n] : NULL;
}

static void add_separator(struct buf *out, size_t n, bool more)
{
    if (n > 0)
        buf_add_str(out, more ? ", " : " or ");
}

void option_add_choices(const struct option *option, struct buf *out)
{
    for (size_t n = 0; option_choice_at(option, n); n++) {
        add_separator(out, n, option_choice_at(option, n + 1));
        buf_add_str(out, option_choice_at(option, n));
    }
}

void option_add_help(const struct option *option, struct buf *out)
{
    const char *name, *says = NULL;
    buf_add_str(out, option->help);
    for (size_t n = 0; option->choice_at; n++) {
        name = option->choice_at(option, n, &says);
        if (!name)
            return;
        buf_add_str(out, n == 0 ? " " : "");
        add_separator(out, n, option_choice_at(option, n + 1));
        buf_add_str(out, name);
        if (says)
            buf_add_format(out, " (%s)", says);
    }
}

bool option_group_continues(const struct option_table *table, size_t at)
{
    const struct option_part *part = &table->parts[at];
    return at > 0 && part->group &&
           strcmp(part[-1].group->title, part->group->title) == 0;
}

const struct option *option_next(const struct option_table *table, struct option_at *at)
{
    const struct option_part *part = &table->parts[at->part];
    if (!part->group)
        return NULL;
    at->base = part->at;
    if (at->row < part->group->n)
        return &part->group->options[at->row++];
    at->part++;
    at->row = 0;
    return option_next(table, at);
}

static const struct option *find_by_name(const struct option_table *table,
                                         const char *name, size_t length,
                                         size_t *ret_base)
{
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(table, &at));) {
        *ret_base = at.base;
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    }
    return table->unlisted ? find_by_name(table->unlisted, name, length, ret_base)
                           : NULL;
}

static const struct option *find_by_letter(const struct option_table *table,
                                           char letter, size_t *ret_base)
{
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(table, &at));) {
        *ret_base = at.base;
        if (option->letters && strchr(option->letters, letter))
            return option;
    }
    return table->unlisted ? find_by_letter(table->unlisted, letter, ret_base) : NULL;
}

static void complain(struct parser *parser, const struct pgcensus_error *error)
{
    if (!parser->failed && parser->ret_error)
        *parser->ret_error = *error;
    parser->failed = true;
}

static void complain_unknown_name(struct parser *parser, const char *name,
                                  size_t length)
{
    const char *names[MAX_OPTIONS];
    size_t n = 0;
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(parser->table, &at));) {
        if (n < MAX_OPTIONS)
            names[n++] = option->name;
    }

    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)length, name);
    const char *nearest = suggest(word, names, n);
    struct pgcensus_error error;
    error_set(&error, PGCENSUS_TROUBLE_USAGE, "unknown option --%s%s%s%s", word,
              nearest ? " (did you mean --" : "", nearest ? nearest : "",
              nearest ? "?)" : "");
    complain(parser, &error);
}

/* spelled: the option as the user wrote it, "-T" or "--timeout". */
static void read_option_value(struct parser *parser, const struct option *option,
                              const char *spelled, const char *value)
{
    struct pgcensus_error inner, error;
    char *to = parser->destination + parser->base + option->at;
    if (option->read(option, value, to, &inner))
        return;
    error_set(&error, inner.trouble, "%s: %s", spelled, inner.message);
    complain(parser, &error);
}

/* The value of an option that must have one and has none in its own word. */
static const char *next_word(struct parser *parser, const struct option *option,
                             const char *spelled)
{
    if (*parser->next)
        return *parser->next++;
    struct pgcensus_error error;
    error_set(&error, PGCENSUS_TROUBLE_USAGE, "%s needs a value: %s %s", spelled,
              spelled, option->value);
    complain(parser, &error);
    return NULL;
}

static void read_long(struct parser *parser, const char *name)
{
    size_t length = strcspn(name, "=");
    const char *value = name[length] ? name + length + 1 : NULL;
    const struct option *option =
        find_by_name(parser->table, name, length, &parser->base);
    if (!option) {
        complain_unknown_name(parser, name, length);
        return;
    }

    char spelled[64];
    snprintf(spelled, sizeof spelled, "--%s", option->name);
    if (value && !option->value) {
        struct pgcensus_error error;
        error_set(&error, PGCENSUS_TROUBLE_USAGE, "%s takes no value", spelled);
        complain(parser, &error);
        return;
    }
    if (!value && option->value && !option->value_optional) {
        value = next_word(parser, option, spelled);
        if (!value)
            return;
    }
    read_option_value(parser, option, spelled, value);
}

/* The word that other programs would take for the value of that flag; NULL: there is
 * none. */
static const char *foreign_value(const struct parser *parser,
                                 const struct option *option, const char *letters,
                                 const char *letter)
{
    if (!option->not_before_word || letter > letters || *letter != *option->letters)
        return NULL;
    if (letter[1])
        return letter + 1;
    return *parser->next && **parser->next != '-' ? *parser->next : NULL;
}

/* It is repeated if it cannot be a URL with a password in it. */
static void complain_foreign(struct parser *parser, const struct option *option,
                             const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_/";
    struct pgcensus_error error;
    bool shown = value[strspn(value, plain)] == '\0';
    error_set(&error, PGCENSUS_TROUBLE_USAGE, "%s%s", option->not_before_word,
              shown ? value : "VALUE");
    complain(parser, &error);
}

static void read_letters(struct parser *parser, const char *letters)
{
    for (const char *letter = letters; *letter; letter++) {
        const char spelled[] = {'-', *letter, '\0'};
        const struct option *option =
            find_by_letter(parser->table, *letter, &parser->base);
        if (!option) {
            struct pgcensus_error error;
            error_set(&error, PGCENSUS_TROUBLE_USAGE, "unknown option %s", spelled);
            complain(parser, &error);
            return;
        }
        const char *foreign = foreign_value(parser, option, letters, letter);
        if (foreign) {
            complain_foreign(parser, option, foreign);
            return;
        }
        bool is_assigned = option->value_optional && letter[1] == '=';
        if (is_assigned) {
            read_option_value(parser, option, spelled, letter + 2);
            return;
        }
        if (!option->value || option->value_optional) {
            read_option_value(parser, option, spelled, NULL);
            continue;
        }
        const char *value = letter[1] ? letter + 1 : next_word(parser, option, spelled);
        if (value)
            read_option_value(parser, option, spelled, value);
        return;
    }
}

static void keep_word(struct parser *parser, const char *word)
{
    if (option_list_add(parser->words, word))
        return;
    struct pgcensus_error error;
    error_memory(&error);
    complain(parser, &error);
}

bool options_parse(const struct option_table *table, char *const *argv,
                   void *destination, struct option_list *words,
                   struct pgcensus_error *ret_error)
{
    struct parser parser = {.table = table,
                            .destination = destination,
                            .next = argv,
                            .words = words,
                            .ret_error = ret_error};
    bool only_words = false;
    while (*parser.next) {
        const char *word = *parser.next++;
        if (only_words || word[0] != '-' || word[1] == '\0')
            keep_word(&parser, word);
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else if (word[1] == '-')
            read_long(&parser, word + 2);
        else
            read_letters(&parser, word + 1);
    }
    return !parser.failed;
}

const struct option *options_find(const struct option_table *table, const char *word)
{
    size_t base;
    if (word[0] != '-' || word[1] == '\0')
        return NULL;
    if (word[1] != '-')
        return find_by_letter(table, word[1], &base);
    return find_by_name(table, word + 2, strcspn(word + 2, "="), &base);
}

void options_fini(const struct option_table *table, void *destination)
{
    const struct option *option;
    for (struct option_at at = {0}; (option = option_next(table, &at));) {
        if (option->read == option_words)
            option_list_fini((void *)((char *)destination + at.base + option->at));
    }
    if (table->unlisted)
        options_fini(table->unlisted, destination);
}
