/* The settings of a node in the end.
 *
 * Nothing is resolved in advance: a view is laid together from layers whenever it is
 * needed, in a microsecond, so that 10,000 nodes cost what was written for them and not
 * 10,000 copies of what they inherit. */
#include "config/model/config.h"
#include "config/model/passfile.h"
#include "config/model/rules.h"
#include "config/model/services.h"

enum { N_LEVELS = 8 };

static size_t list_levels(const struct pgcensus_config *config,
                          const struct config_node *node,
                          const struct layer *levels[N_LEVELS])
{
    size_t n = 0;
    levels[n++] = &config->defaults;
    if (node->group)
        levels[n++] = &node->group->layer;
    levels[n++] = &node->layer;
    levels[n++] = &config->set;
    levels[n++] = &config->warning;
    levels[n++] = &config->critical;
    levels[n++] = &config->timeout;
    levels[n++] = &config->connect_timeout;
    return n;
}

const struct config_setting *config_service(const struct pgcensus_config *config,
                                            const struct config_node *node,
                                            const struct layer **ret_level)
{
    const struct layer *levels[N_LEVELS];
    for (size_t i = list_levels(config, node, levels); i-- > 0;) {
        const struct config_setting *setting = layer_find(levels[i], KEY_SERVICE);
        if (setting) {
            *ret_level = levels[i];
            return setting;
        }
    }
    return NULL;
}

void config_view(const struct pgcensus_config *config, const struct config_node *node,
                 struct view *ret_view)
{
    const struct layer *levels[N_LEVELS], *service_level = NULL, *service = NULL;
    size_t n = list_levels(config, node, levels);
    const struct config_setting *named = config_service(config, node, &service_level);

    if (named)
        service = services_find(config->services, named->text);
    *ret_view = config->base;
    for (size_t i = 0; i < n; i++) {
        if (service && levels[i] == service_level)
            view_lay(ret_view, service);
        view_lay(ret_view, levels[i]);
    }
    rules_adjust(ret_view);
}

const char *config_password(const struct pgcensus_config *config,
                            const struct view *view, const char **ret_origin)
{
    const struct config_setting *const *settings = view->settings;
    const char *host = view_text(view, KEY_HOST), *found = NULL;
    uint16_t port = (uint16_t)view_number(view, KEY_PORT);

    if (!host)
        host = view_text(view, KEY_HOSTADDR);
    *ret_origin = NULL;
    /* PGPASSWORD is the weakest setting, yet stronger than the user's password file. */
    if (settings[KEY_PASSWORD] && view->layers[KEY_PASSWORD] != &config->environment)
        return settings[KEY_PASSWORD]->text;
    if (settings[KEY_PASSWORD_FILE])
        return settings[KEY_PASSWORD_FILE]->value.secret;
    if (settings[KEY_PASSFILE] && host)
        found =
            passfiles_find(config->passfiles, settings[KEY_PASSFILE]->text, host, port,
                           view_text(view, KEY_DBNAME), view_text(view, KEY_USER));
    if (found) {
        *ret_origin = "passfile";
        return found;
    }
    const struct config_setting *variable =
        layer_find(&config->environment, KEY_PASSWORD);
    if (variable) {
        *ret_origin = "environment";
        return variable->text;
    }
    if (host)
        found = passfiles_find(config->passfiles, NULL, host, port,
                               view_text(view, KEY_DBNAME), view_text(view, KEY_USER));
    if (found)
        *ret_origin = ".pgpass";
    return found;
}
