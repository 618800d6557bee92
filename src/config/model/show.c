/* Effective settings with their origin.
 *
 * Rows are made when a node's settings are asked for: kept for 10,000 nodes they would
 * be most of our memory, and `config show` alone needs them. */
#include "config/model/show.h"

#include "base/memory.h"
#include "config/model/config.h"

enum { MOST_ROWS = KEY_COUNT + 1, MOST_NAMED = 2 };

struct shown_node {
    struct pgcensus_setting rows[MOST_ROWS];
    size_t n;
    /* Texts that only the rows have: "group orders", "service main", the labels. */
    const struct layer *named[MOST_NAMED];
    char *origins[MOST_NAMED];
    char *labels;
};

struct shown {
    size_t n;
    struct shown_node *nodes[]; /* NULL: not asked for yet */
};

struct shown *show_new(size_t n)
{
    struct shown *shown = memory_array(1, sizeof *shown + n * sizeof *shown->nodes);
    if (shown)
        shown->n = n;
    return shown;
}

static void free_shown_node(struct shown_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < MOST_NAMED; i++)
        free(node->origins[i]);
    free(node->labels);
    free(node);
}
AUTO_DEFINE(struct shown_node *, free_shown_node)

void show_free(struct shown *shown)
{
    for (size_t i = 0; shown && i < shown->n; i++)
        free_shown_node(shown->nodes[i]);
    free(shown);
}

/* NULL: no memory. */
static const char *origin_of(struct shown_node *node, const struct layer *layer)
{
    if (!layer->name)
        return layer->origin;
    size_t i = node->named[0] && node->named[0] != layer;
    if (!node->origins[i]) {
        node->named[i] = layer;
        node->origins[i] = memory_format("%s %s", layer->origin, layer->name);
    }
    return node->origins[i];
}

/* "***" for secrets, and for what a variable brought into another key by mistake:
 * dbname: ${PGPASSWORD} must not show the password. */
static const char *value_of(const struct pgcensus_config *config,
                            const struct config_setting *setting)
{
    if (key_is_secret((enum key)setting->key) ||
        (setting->key == KEY_PASSFILE && input_file_missing(setting->text)))
        return "***"; /* a name that no file has may be the password itself */
    if (!setting->expanded)
        return setting->text;
    AUTO(buf_fini) struct buf clean = BUF_INIT;
    buf_add_str(&clean, setting->text);
    secrets_redact(config->secrets, &clean);
    return !clean.broken && strcmp(clean.bytes, setting->text) == 0 ? setting->text
                                                                    : "***";
}

static bool add_key(struct shown_node *node, const struct pgcensus_config *config,
                    const struct view *view, enum key key)
{
    const struct config_setting *setting = view->settings[key];
    const char *origin = origin_of(node, view->layers[key]);
    node->rows[node->n++] = (struct pgcensus_setting){
        .key = key_row(key)->path,
        .value = value_of(config, setting),
        .origin = origin,
        .line = setting->line,
    };
    return origin != NULL;
}

/* The password may come from a place that is no setting, such as ~/.pgpass. */
static bool add_password(struct shown_node *node, const struct pgcensus_config *config,
                         const struct view *view)
{
    const char *origin;
    if (!config_password(config, view, &origin) || !origin)
        return !view->settings[KEY_PASSWORD] ||
               add_key(node, config, view, KEY_PASSWORD);
    node->rows[node->n++] =
        (struct pgcensus_setting){.key = "password", .value = "***", .origin = origin};
    return true;
}

static bool add_labels(struct shown_node *node, const struct pgcensus_config *config,
                       const struct config_node *source)
{
    const struct pgcensus_identity *identity = &source->identity;
    /* The innermost place that gives a node labels. */
    const struct layer *layer = source->layer.n_labels > 0 ? &source->layer
                                : source->group && source->group->layer.n_labels > 0
                                    ? &source->group->layer
                                    : &config->defaults;
    AUTO(buf_fini) struct buf list = BUF_INIT;

    if (identity->n_labels == 0)
        return true;
    for (size_t i = 0; i < identity->n_labels; i++)
        buf_add_format(&list, "%s%s=%s", i ? ", " : "", identity->labels[i].key,
                       identity->labels[i].value);
    secrets_redact(config->secrets, &list);
    node->labels = buf_take(&list);
    node->rows[node->n++] = (struct pgcensus_setting){
        .key = "labels",
        .value = node->labels,
        .origin = origin_of(node, layer),
        .line = layer->labels_line,
    };
    return node->labels && node->rows[node->n - 1].origin;
}

static struct shown_node *make_node(const struct pgcensus_config *config,
                                    const struct config_node *source)
{
    AUTO(free_shown_node) struct shown_node *node = memory_new(struct shown_node);
    struct view view;
    bool good = node != NULL;

    config_view(config, source, &view);
    /* What groups require is theirs, not a node's. */
    for (unsigned key = 0; good && key < KEY_REQUIRE_PRIMARIES; key++) {
        if (key == KEY_PASSWORD)
            good = add_password(node, config, &view);
        else if (view.settings[key])
            good = add_key(node, config, &view, (enum key)key);
        if (good && key == KEY_GROUP)
            good = add_labels(node, config, source);
    }
    return good ? take_ptr(node) : NULL;
}

size_t pgcensus_config_settings(const struct pgcensus_config *config, size_t index,
                                const struct pgcensus_setting **ret_settings)
{
    struct shown_node **node = &config->shown->nodes[index];

    if (!*node)
        *node = make_node(config, &config->nodes[index]);
    *ret_settings = *node ? (*node)->rows : NULL;
    return *node ? (*node)->n : 0;
}
