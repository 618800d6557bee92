/* Settings → options: the rows of the key table say which goes where. */
#ifndef CONFIG_MODEL_CONFIG_OPTIONS_H
#define CONFIG_MODEL_CONFIG_OPTIONS_H

#include "config/model/layer.h"

/* Texts stay the layers'.  Options of keys that are unset are zero; what several keys
 * decide together (passwords, keywords of libpq, limits of time) is left to the caller.
 */
void config_options_read(const struct view *view, struct config_options *ret_options);

/* The rules that stand in the layer of a group, -1 for each that does not. */
void config_options_read_rules(const struct layer *group,
                               struct config_options *ret_options);

#endif
