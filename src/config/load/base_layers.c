#include "config/load/base_layers.h"

#include "base/memory.h"
#include "config/model/passfile.h"
#include "pg/conninfo.h"

#include <assert.h>
#include <pwd.h>

static bool put_builtin(struct layer *layer, enum key key, const char *text)
{
    struct item item = {.key = (uint8_t)key, .text = strdup(text)};
    struct problem problem;
    bool good = value_read(key, text, &item.value, &problem);
    assert(good);
    (void)good;
    return item.text && layer_put(layer, &item);
}

static bool put_builtins(struct layer *layer)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const char *text = key_row((enum key)key)->builtin;
        if (text && !put_builtin(layer, (enum key)key, text))
            return false;
    }
    return true;
}

/* Whoever runs us, as with libpq.  Somebody without a name has to set user. */
static bool put_login_name(struct layer *layer)
{
    struct passwd entry, *found = NULL;
    char texts[4096];
    if (getpwuid_r(geteuid(), &entry, texts, sizeof texts, &found) != 0 || !found)
        return true;
    return put_builtin(layer, KEY_USER, found->pw_name);
}

static void take_variables(struct taker *taker, struct layer *layer)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const char *name = key_row((enum key)key)->variable;
        const char *value = name ? getenv(name) : NULL;
        if (!value || !*value)
            continue;
        char *text = strdup(value);
        bool known =
            !key_is_secret((enum key)key) || secrets_add(taker->secrets, value);
        taker->complaints->no_memory |= !text || !known;
        if (text)
            taker_take(taker, layer, (enum key)key, text, (struct place){.file = name});
    }
}

bool ambient_read(struct pgcensus_config *config, struct taker *taker)
{
    if (!put_builtins(&config->builtin) || !put_login_name(&config->builtin))
        return false;
    take_variables(taker, &config->environment);
    view_lay(&config->base, &config->builtin);
    view_lay(&config->base, &config->environment);
    passfiles_need_own(config->passfiles, taker->complaints);
    return true;
}

bool ambient_ask_libpq(struct taker *taker)
{
    const char *keywords[KEY_COUNT];
    bool known[KEY_COUNT];
    for (unsigned key = 0; key < KEY_COUNT; key++)
        keywords[key] = key_row((enum key)key)->path;
    if (!pg_conninfo_knows(keywords, KEY_COUNT, known))
        return false;
    for (unsigned key = 0; key < KEY_COUNT; key++)
        taker->unknown_to_libpq[key] = key_row((enum key)key)->keyword && !known[key];
    return true;
}
