/* What must hold between the settings of one node. */
#ifndef CONFIG_MODEL_RULES_H
#define CONFIG_MODEL_RULES_H

#include "config/model/layer.h"
#include "config/read/diagnostic_list.h"

/* Makes built-in values follow what was set: with check.interval 200ms the built-in
 * fast_interval of 500ms is 200ms too. */
void rules_adjust(struct view *view);

void rules_check(const struct view *view, struct diagnostic_list *diagnostics);

/* Whether we know where to connect to; else *ret_message says what is missing. */
bool rules_can_connect(const struct view *view, const char **ret_message);

#endif
