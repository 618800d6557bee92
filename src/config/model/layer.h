/* Settings from one place (a mapping of the file, the environment, the command line),
 * and what they come to when they are laid over each other. */
#ifndef CONFIG_MODEL_LAYER_H
#define CONFIG_MODEL_LAYER_H

#include "config/model/value.h"
#include "config/read/diagnostic_list.h"

struct config_setting {
    char *text; /* expanded; what `config show` shows, unless it is a secret */
    union value value;
    uint32_t line; /* 0: not in the file */
    uint16_t column;
    uint8_t key;
    bool expanded; /* the text came out of variables, and any may hold a secret */
};

/* The settings that one place really has, in the order in which they stand. */
struct layer {
    const char *origin; /* static: "node", "group", "--set" … */
    const char *name;   /* of the group or service; NULL for the others */
    bool builtin;       /* gives way to what users wrote */
    struct config_setting *settings;
    size_t n, cap;
    struct pgcensus_label *labels; /* each key owns the text of both */
    size_t n_labels, cap_labels;
    uint32_t labels_line; /* of the first; 0: not in the file */
};

void layer_fini(struct layer *layer); /* wipes secrets */

/* NULL: not set here. */
const struct config_setting *layer_find(const struct layer *layer, enum key key);
/* Adds, or replaces what was set before; owns text and value from here on, also when it
 * fails for lack of memory. */
bool layer_put(struct layer *layer, const struct config_setting *setting);
/* False: no memory.  owned is "key\0value". */
bool layer_put_label(struct layer *layer, char *owned);
const char *layer_label(const struct layer *layer, const char *key);

static inline struct source_pos setting_pos(const struct config_setting *setting,
                                            const struct layer *layer)
{
    return (struct source_pos){.file = setting->line ? NULL : layer->origin,
                               .line = setting->line,
                               .column = setting->column};
}

/* The settings of a node in the end, and the layers that they come from. */
struct view {
    const struct config_setting *settings[KEY_COUNT]; /* NULL: unset */
    const struct layer *layers[KEY_COUNT];
};

/* Lays the layer over what is there.  A source of the password replaces all weaker
 * ones. */
void view_lay(struct view *view, const struct layer *layer);

/* Unset counts as 0. */
static inline int64_t view_number(const struct view *view, enum key key)
{
    return view->settings[key] ? view->settings[key]->value.number : 0;
}

static inline double view_ratio(const struct view *view, enum key key)
{
    return view->settings[key] ? view->settings[key]->value.ratio : 0;
}

/* Unset is NULL. */
static inline const char *view_text(const struct view *view, enum key key)
{
    return view->settings[key] ? view->settings[key]->text : NULL;
}

#endif
