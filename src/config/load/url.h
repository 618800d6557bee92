/* Diagnoses a --url that libpq's parser refuses. */
#ifndef CONFIG_LOAD_URL_H
#define CONFIG_LOAD_URL_H

#include "config/read/diagnostic_list.h"

/* libpq's own message is not passed on: it quotes what may be a password. */
void url_explain(const char *url, struct source_pos at,
                 struct diagnostic_list *diagnostics);

#endif
