#include "config/model/layer.h"

#include "base/memory.h"

static void free_setting(struct config_setting *setting)
{
    const struct key_row *row = key_row((enum key)setting->key);
    if (row->kind == KIND_SECRET_FILE)
        memory_wipe_str(setting->value.secret);
    memory_wipe_str(setting->text);
}

void layer_fini(struct layer *layer)
{
    for (size_t i = 0; i < layer->n; i++)
        free_setting(&layer->settings[i]);
    free(layer->settings);
    for (size_t i = 0; i < layer->n_labels; i++)
        free((char *)layer->labels[i].key);
    free(layer->labels);
    *layer = (struct layer){.origin = layer->origin, .name = layer->name};
}

static struct config_setting *find_setting(const struct layer *layer, enum key key)
{
    for (size_t i = 0; i < layer->n; i++)
        if (layer->settings[i].key == key)
            return &layer->settings[i];
    return NULL;
}

const struct config_setting *layer_find(const struct layer *layer, enum key key)
{
    return find_setting(layer, key);
}

bool layer_put(struct layer *layer, const struct config_setting *setting)
{
    struct config_setting copy = *setting;
    struct config_setting *old = find_setting(layer, (enum key)setting->key);
    if (old) {
        free_setting(old);
        *old = copy;
        return true;
    }
    if (!memory_grow(&layer->settings, &layer->cap, layer->n,
                     sizeof *layer->settings)) {
        free_setting(&copy);
        return false;
    }
    layer->settings[layer->n++] = copy;
    return true;
}

bool layer_put_label(struct layer *layer, char *owned)
{
    if (!memory_grow(&layer->labels, &layer->cap_labels, layer->n_labels,
                     sizeof *layer->labels)) {
        free(owned);
        return false;
    }
    layer->labels[layer->n_labels++] =
        (struct pgcensus_label){.key = owned, .value = owned + strlen(owned) + 1};
    return true;
}

const char *layer_label(const struct layer *layer, const char *key)
{
    for (size_t i = 0; i < layer->n_labels; i++)
        if (strcmp(layer->labels[i].key, key) == 0)
            return layer->labels[i].value;
    return NULL;
}

/* Within a layer the strongest source of a password counts, but a source of any inner
 * layer replaces all of the outer ones: a password_file of a node must not lose against
 * a password of the defaults. */
static void forget_weaker_passwords(struct view *view, const struct layer *layer)
{
    for (unsigned key = KEY_PASSFILE; key <= KEY_PASSWORD; key++)
        if (view->layers[key] != layer) {
            view->settings[key] = NULL;
            view->layers[key] = NULL;
        }
}

void view_lay(struct view *view, const struct layer *layer)
{
    for (size_t i = 0; i < layer->n; i++) {
        const struct config_setting *setting = &layer->settings[i];
        if (setting->key >= KEY_PASSFILE && setting->key <= KEY_PASSWORD)
            forget_weaker_passwords(view, layer);
        view->settings[setting->key] = setting;
        view->layers[setting->key] = layer;
    }
}
