/* Choosing nodes.
 *
 * The three ways to choose restrict each other: a node is selected if its name, its
 * group and all labels say so.  Among names, patterns add nodes and "!pattern" takes
 * nodes away; if there are only such, they take away from all.  A name that does not
 * exist is a typing error and refused: a smaller selection would go unnoticed. */
#include "config/model/config.h"

#include "base/error.h"
#include "base/memory.h"

struct selecting {
    const struct pgcensus_config *config;
    bool *selected;
    struct pgcensus_error *error;
};

/* ---- comma lists ---- */

typedef bool (*each_word)(struct selecting *selecting, const char *word, void *context);

/* An empty word is refused: it comes from a variable of a script that was not set, and
 * would select all. */
static bool for_each_word(struct selecting *selecting, const char *option,
                          const char *const *lists, size_t n, each_word act,
                          void *context)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(free) char *copy = strdup(lists[i]);
        char *rest = copy, *word;
        if (!copy)
            return error_memory(selecting->error);
        while ((word = strsep(&rest, ",")) != NULL) {
            if (word[*word == '!'] == '\0')
                return error_set(selecting->error, PGCENSUS_TROUBLE_USAGE,
                                 "%s: a name is empty", option);
            if (!act(selecting, word, context))
                return false;
        }
    }
    return true;
}

/* ---- names ---- */

static bool refuse_name(const struct selecting *selecting, const char *what,
                        const char *name, const char *const *known, size_t n)
{
    const char *near = text_closest(name, known, n);
    return error_set(selecting->error, PGCENSUS_TROUBLE_SELECTION, "no %s %s%s%s%s",
                     what, quoted(name).text, near ? "; did you mean \"" : "",
                     near ? near : "", near ? "\"?" : "");
}

static bool refuse_node(const struct selecting *selecting, const char *name)
{
    const struct pgcensus_config *config = selecting->config;
    AUTO(free) const char **names = memory_array(config->n_nodes, sizeof *names);
    if (!names)
        return error_memory(selecting->error);
    for (size_t i = 0; i < config->n_nodes; i++)
        names[i] = config->nodes[i].identity.name;
    return refuse_name(selecting, "node is named", name, names, config->n_nodes);
}

static bool look_for_positive(struct selecting *selecting, const char *word,
                              void *context)
{
    *(bool *)context |= *word != '!';
    return true;
}

/* context: a bool, whether it is the turn of the patterns that add or of those that
 * take away. */
static bool apply_pattern(struct selecting *selecting, const char *word, void *context)
{
    const struct pgcensus_config *config = selecting->config;
    bool wanted = *word != '!';
    const char *pattern = wanted ? word : word + 1;
    size_t index;

    if (wanted != *(bool *)context)
        return true;
    if (!text_is_glob(pattern)) {
        if (!name_table_find(&config->node_names, pattern, &index))
            return refuse_node(selecting, pattern);
        selecting->selected[index] = wanted;
        return true;
    }
    for (size_t i = 0; i < config->n_nodes; i++)
        if (text_glob(pattern, config->nodes[i].identity.name))
            selecting->selected[i] = wanted;
    return true;
}

static bool select_names(struct selecting *selecting,
                         const struct pgcensus_selection *selection)
{
    bool positive = false, adding = true, taking_away = false;
    const char *const *lists = selection->nodes;
    size_t n = selection->n_nodes;

    if (!for_each_word(selecting, "-n", lists, n, look_for_positive, &positive))
        return false;
    for (size_t i = 0; i < selecting->config->n_nodes; i++)
        selecting->selected[i] = !positive;
    return for_each_word(selecting, "-n", lists, n, apply_pattern, &adding) &&
           for_each_word(selecting, "-n", lists, n, apply_pattern, &taking_away);
}

/* ---- groups ---- */

/* The group of that name, as the configuration owns it; NULL: there is none. */
static const char *find_selected_group(const struct pgcensus_config *config,
                                       const char *name)
{
    size_t number;
    if (name_table_find(&config->group_names, name, &number))
        return config->groups[number].name;
    for (size_t i = 0; i < config->n_nodes; i++) {
        const char *group = config->nodes[i].identity.group;
        if (group && strcmp(group, name) == 0)
            return group;
    }
    return NULL;
}

static bool refuse_group(const struct selecting *selecting, const char *name)
{
    const struct pgcensus_config *config = selecting->config;
    size_t n = 0;
    AUTO(free)
    const char **names =
        memory_array(config->n_groups + config->n_nodes, sizeof *names);
    if (!names)
        return error_memory(selecting->error);
    for (size_t i = 0; i < config->n_groups; i++)
        names[n++] = config->groups[i].name;
    for (size_t i = 0; i < config->n_nodes; i++)
        if (config->nodes[i].identity.group)
            names[n++] = config->nodes[i].identity.group;
    return refuse_name(selecting, "group is named", name, names, n);
}

static bool want_group(struct selecting *selecting, const char *word, void *context)
{
    struct name_table *wanted = context;
    size_t known;
    const char *group = find_selected_group(selecting->config, word);

    if (!group)
        return refuse_group(selecting, word);
    if (name_table_find(wanted, group, &known))
        return true;
    if (!name_table_reserve(wanted))
        return error_memory(selecting->error);
    name_table_put(wanted, group, 0);
    return true;
}

static bool restrict_to_groups(struct selecting *selecting,
                               const struct pgcensus_selection *selection)
{
    AUTO(name_table_fini) struct name_table wanted = {.n = 0};
    size_t known;

    if (selection->n_groups == 0)
        return true;
    if (!for_each_word(selecting, "-g", selection->groups, selection->n_groups,
                       want_group, &wanted))
        return false;
    for (size_t i = 0; i < selecting->config->n_nodes; i++) {
        const char *group = selecting->config->nodes[i].identity.group;
        selecting->selected[i] &= group && name_table_find(&wanted, group, &known);
    }
    return true;
}

/* ---- labels ---- */

static const char *label_of(const struct pgcensus_identity *identity, const char *key)
{
    for (size_t i = 0; i < identity->n_labels; i++)
        if (strcmp(identity->labels[i].key, key) == 0)
            return identity->labels[i].value;
    return NULL;
}

static bool restrict_to_label(struct selecting *selecting, const char *label)
{
    const char *equals = strchr(label, '=');
    if (*label == '\0')
        return error_set(selecting->error, PGCENSUS_TROUBLE_USAGE,
                         "-l: a label is empty");
    if (!equals || equals == label)
        return error_set(selecting->error, PGCENSUS_TROUBLE_USAGE,
                         "label %s is not KEY=VALUE", quoted(label).text);
    AUTO(free) char *key = strndup(label, (size_t)(equals - label));
    if (!key)
        return error_memory(selecting->error);
    for (size_t i = 0; i < selecting->config->n_nodes; i++) {
        const char *value = label_of(&selecting->config->nodes[i].identity, key);
        selecting->selected[i] &= value && strcmp(value, equals + 1) == 0;
    }
    return true;
}

bool pgcensus_config_select(const struct pgcensus_config *config,
                            const struct pgcensus_selection *selection,
                            bool **ret_selected, struct pgcensus_error *ret_error)
{
    AUTO(free) bool *selected = memory_array(config->n_nodes, sizeof *selected);
    struct selecting selecting = {config, selected, ret_error};
    bool any = false;

    if (!selected)
        return error_memory(ret_error);
    if (!select_names(&selecting, selection) ||
        !restrict_to_groups(&selecting, selection))
        return false;
    for (size_t i = 0; i < selection->n_labels; i++)
        if (!restrict_to_label(&selecting, selection->labels[i]))
            return false;
    for (size_t i = 0; i < config->n_nodes; i++)
        any |= selected[i];
    if (!any)
        return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION,
                         "no node is selected: none of the %zu nodes has that name, "
                         "group and labels",
                         config->n_nodes);
    *ret_selected = take_ptr(selected);
    return true;
}
