/* Where nodes come from, which of them, and which of their results.
 *
 * help is a phrase for the terminal; detail are sentences for the man page and are
 * written for scdoc (*bold*, _underlined_). */
#include "cli/shared/source_options.h"
#include "cli/parse/option_types.h"

static const char *const role_names[] = {"primary", "standby", NULL};

static bool read_role_option(const struct option *option, const char *value, void *to,
                             struct pgcensus_error *ret_error)
{
    int choice;
    if (!option_choice(option, value, &choice, ret_error))
        return false;
    *(enum pgcensus_role *)to = choice == 0 ? PGCENSUS_PRIMARY : PGCENSUS_STANDBY;
    return true;
}

static const struct option source_rows[] = {
    {OPTION("C", "config", "FILE", option_text, struct source_options, config),
     .offer = OFFER_FILES, .help = "read the nodes from FILE",
     .detail = "Without it the first of *$PGCENSUS_CONFIG*, "
               "*$XDG_CONFIG_HOME/pgcensus/config.yaml* (by default below *~/.config*) "
               "*pgcensus/config.yaml* in the build's _sysconfdir_ and "
               "*/etc/pgcensus/config.yaml* is read. Files are not merged, and the "
               "working directory is never searched."},
    {OPTION(NULL, "url", "URL", option_words, struct source_options, urls),
     .help = "a node that stands in no configuration: a URI or a connection string, "
             "postgresql://USER@HOST:PORT/DBNAME or \"host=HOST port=PORT\" "
             "(repeatable)",
     .detail = "A configuration is then read only if *-C* names one. A password in it "
               "is refused, because "
               "every user of the machine can read command lines; use *~/.pgpass* or "
               "*$PGPASSWORD*."},
    {OPTION(NULL, "set", "KEY=VALUE", option_words, struct source_options, sets),
     .help = "set a key of every node for this run, such as sslmode=disable "
             "(repeatable)",
     .detail =
         "Stronger than anything in the configuration. Secrets are refused, and so "
         "is _allow\\_write_."},
};

static const struct option selection_rows[] = {
    {OPTION("n", "node", "GLOB[,...]", option_words, struct selection_options, nodes),
     .offer = OFFER_NODES,
     .help = "only nodes whose name matches; !GLOB leaves out (repeatable)",
     .detail = "A name without a wildcard that no node has is an error."},
    {OPTION("g", "group", "NAME[,...]", option_words, struct selection_options, groups),
     .offer = OFFER_GROUPS, .help = "only nodes of these groups (repeatable)"},
    {OPTION("l", "label", "KEY=VALUE", option_words, struct selection_options, labels),
     .help = "only nodes with this label (repeatable: with all of them)"},
};

static const struct option result_rows[] = {
    {OPTION(NULL, "role", "ROLE", read_role_option, struct result_options, role),
     .choices = role_names,
     .help = "leave out nodes that turn out to have the other role: primary or standby",
     .detail =
         "The role is the one that a server reports when it is asked. A node whose "
         "role cannot be learnt is never left out."},
};

const struct option_group source_options = {"Where nodes come from", source_rows,
                                            ARRAY_SIZE(source_rows)};
const struct option_group selection_options = {"Which nodes", selection_rows,
                                               ARRAY_SIZE(selection_rows)};
const struct option_group result_options = {"Which results", result_rows,
                                            ARRAY_SIZE(result_rows)};
