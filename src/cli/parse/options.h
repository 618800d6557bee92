/* Options: one row each, and a parser that knows nothing but rows.
 *
 * A row says how an option is spelled, how its value is read and where it goes, and
 * what help, completion and the man page say of it; nothing about an option is written
 * down anywhere else.  Long names are never abbreviated: a name that is unique today
 * would change its meaning with the next option. */
#ifndef CLI_PARSE_OPTIONS_H
#define CLI_PARSE_OPTIONS_H

#include "base/auto.h"
#include "output/format.h"

#include <pgcensus/status.h>
#include <stdbool.h>
#include <stddef.h>

/* Words of the command line, in order; they point into argv. */
struct option_list {
    const char **items;
    size_t n, cap;
};

bool option_list_add(struct option_list *list, const char *word);
void option_list_fini(struct option_list *list);
AUTO_DEFINE_VALUE(struct option_list, option_list_fini)

/* What a shell offers in the place of a value that has no fixed choices. */
enum offer {
    OFFER_NOTHING,
    OFFER_FILES,
    OFFER_NODES,
    OFFER_GROUPS,
    OFFER_COMMANDS,
};

struct option {
    const char *letters; /* every short form: "h?"; NULL: none */
    const char *name;    /* "node" for --node */
    const char *value;   /* how help calls its value: "GLOB"; NULL: takes none */
    bool value_optional; /* may be left out; it is only seen behind a "=" */

    /* The type: reads value (NULL: none was given) into *to.  Its complaint does not
     * name the option, the parser does. */
    bool (*read)(const struct option *option, const char *value, void *to,
                 struct pgcensus_error *ret_error);
    size_t at;                  /* offset of its destination */
    const char *const *choices; /* ends with NULL; what option_choice() knows */
    /* Instead of choices, if they stand in a registry: returns the nth, NULL behind the
     * last; *ret_says is what help adds to it (NULL: nothing).  Help lists them behind
     * the row's own words. */
    const char *(*choice_at)(const struct option *option, size_t n,
                             const char **ret_says);
    bool (*writes)(enum format_kind kind); /* of --format: what the command can write */
    int preset;                            /* option_choice() without a value */
    int min, max;                          /* of option_count() */

    /* Of a flag whose letter takes a value in other programs (-h HOST): the
     * complaint if a word follows the letter, up to the place of that value.  NULL:
     * a word may. */
    const char *not_before_word;

    enum offer offer;
    const char *help;   /* a line or two */
    const char *detail; /* further sentences of the man page; NULL: none */
};

/* The first five fields of a row and its destination, in one line. */
#define OPTION(letters_, name_, value_, read_, struct_, member_)                       \
    .letters = letters_, .name = name_, .value = value_, .read = read_,                \
    .at = offsetof(struct_, member_)

/* The nth of choices, NULL behind the last one, or if there are none. */
const char *option_choice_at(const struct option *option, size_t n);
/* "table, json, ndjson or csv" */
void option_add_choices(const struct option *option, struct buf *out);
/* What help says of it, its choices included. */
void option_add_help(const struct option *option, struct buf *out);

struct option_group {
    const char *title;
    const struct option *options;
    size_t n;
};

/* A group of rows, and where in a command's arguments the struct is that they fill. */
struct option_part {
    const struct option_group *group;
    size_t at;
};

/* group_ fills member_ of arguments_.  The compiler complains if that member is not of
 * the type that the rows were written for. */
#define OPTION_PART(group_, type_, arguments_, member_)                                \
    {                                                                                  \
        &group_,                                                                       \
            offsetof(arguments_, member_) +                                            \
                0 * sizeof(struct {                                                    \
                    _Static_assert(__builtin_types_compatible_p(                       \
                                       type_, __typeof__(((arguments_ *)0)->member_)), \
                                   "rows of another type");                            \
                    char unused;                                                       \
                })                                                                     \
    }

/* All options of one command, in the order of its help; the group of the last part is
 * NULL. */
struct option_table {
    const struct option_part *parts;
    /* Options of other commands, which are understood so that a command line can be
     * taken over unchanged, but not listed by help and completion.  NULL: none. */
    const struct option_table *unlisted;
};

/* Whether the group at that place goes on under the title of the one before it. */
bool option_group_continues(const struct option_table *table, size_t at);

/* Each listed row of the table once, group by group:
 *   for (struct option_at at = {0}; (row = option_next(table, &at));) */
struct option_at {
    size_t part, row;
    size_t base; /* of the row that was returned: where its part is */
};
const struct option *option_next(const struct option_table *table,
                                 struct option_at *at);

/* Reads argv (without the program and the command, ends with NULL) into the struct at
 * destination; what is no option is added to words.  The first mistake is the one
 * that is reported, but reading goes on to the end: a --json behind it decides in
 * which form. */
bool options_parse(const struct option_table *table, char *const *argv,
                   void *destination, struct option_list *words,
                   struct pgcensus_error *ret_error);

/* The option that word, "-Cx" or "--config=x", begins with; NULL if there is none. */
const struct option *options_find(const struct option_table *table, const char *word);

/* Frees the lists that parsing has filled. */
void options_fini(const struct option_table *table, void *destination);

#endif
