#include "config/load/base_layers.h"

#include "base/memory.h"
#include "config/model/passfile.h"

#include <assert.h>
#include <pwd.h>

static bool set_builtin(struct layer *layer, enum key key, const char *text)
{
    struct config_setting setting = {.key = (uint8_t)key, .text = strdup(text)};
    struct value_error problem;
    bool good = value_read(key, text, &setting.value, &problem);
    assert(good);
    (void)good;
    return setting.text && layer_put(layer, &setting);
}

static bool set_builtins(struct layer *layer)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const char *text = key_row((enum key)key)->builtin;
        if (text && !set_builtin(layer, (enum key)key, text))
            return false;
    }

    /* The default of user is the system's name for the user who runs us, as with libpq.
     * A user without a name has to set it. */
    struct passwd entry, *found = NULL;
    char texts[4096];
    if (getpwuid_r(geteuid(), &entry, texts, sizeof texts, &found) != 0 || !found)
        return true;
    return set_builtin(layer, KEY_USER, found->pw_name);
}

static void read_variables(struct value_reader *reader, struct layer *layer)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const char *name = key_row((enum key)key)->variable;
        const char *value = name ? getenv(name) : NULL;
        if (!value || !*value)
            continue;
        char *text = strdup(value);
        bool known =
            !key_is_secret((enum key)key) || secrets_add(reader->secrets, value);
        reader->diagnostics->no_memory |= !text || !known;
        if (text)
            value_reader_set(reader, layer, (enum key)key, text,
                             (struct source_pos){.file = name});
    }
}

bool base_layers_read(struct pgcensus_config *config, struct value_reader *reader)
{
    if (!set_builtins(&config->builtin))
        return false;
    read_variables(reader, &config->environment);
    view_lay(&config->base, &config->builtin);
    view_lay(&config->base, &config->environment);
    passfiles_need_own(config->passfiles, reader->diagnostics);
    return true;
}
