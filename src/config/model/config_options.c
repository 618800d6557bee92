#include "config/model/config_options.h"

static void set_option(struct config_options *options, struct destination into,
                       const struct config_setting *setting)
{
    void *at = (char *)options + into.offset;
    switch (into.type) {
    case INTO_NOTHING:
        break;
    case INTO_TEXT:
        *(const char **)at = setting->text;
        break;
    case INTO_BOOL:
        *(bool *)at = setting->value.number != 0;
        break;
    case INTO_INT:
        *(int *)at = (int)setting->value.number;
        break;
    case INTO_UINT16:
        *(uint16_t *)at = (uint16_t)setting->value.number;
        break;
    case INTO_UNSIGNED:
        *(unsigned *)at = (unsigned)setting->value.number;
        break;
    case INTO_INT64:
        *(int64_t *)at = setting->value.number;
        break;
    case INTO_SIZE:
        *(size_t *)at = (size_t)setting->value.number;
        break;
    case INTO_DOUBLE:
        *(double *)at = setting->value.ratio;
        break;
    case INTO_RANGE:
        *(struct pgcensus_range *)at = setting->value.range;
        break;
    }
}

static void follow_row(struct config_options *options,
                       const struct config_setting *setting)
{
    const struct key_row *row = key_row((enum key)setting->key);
    for (size_t i = 0; i < MOST_DESTINATIONS; i++)
        set_option(options, row->into[i], setting);
}

void config_options_read(const struct view *view, struct config_options *ret_options)
{
    memset(ret_options, 0, sizeof *ret_options);
    for (unsigned key = 0; key < KEY_COUNT; key++)
        if (view->settings[key])
            follow_row(ret_options, view->settings[key]);

    /* A node that is given by its address alone is called by it. */
    struct node_options *node = &ret_options->node;
    if (!node->identity.host)
        node->identity.host = node->target.host = node->identity.hostaddr;
}

void config_options_read_rules(const struct layer *group,
                               struct config_options *ret_options)
{
    memset(ret_options, 0, sizeof *ret_options);
    ret_options->require = (struct pgcensus_require){-1, -1, -1};
    for (size_t i = 0; i < group->n; i++)
        follow_row(ret_options, &group->settings[i]);
}
