/* The rows of `config show`: made on demand, kept as long as the configuration. */
#ifndef CONFIG_MODEL_SHOW_H
#define CONFIG_MODEL_SHOW_H

#include <stddef.h>

struct shown;

struct shown *show_new(size_t n); /* NULL: no memory */
void show_free(struct shown *shown);

#endif
