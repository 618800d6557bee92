/* The user's home directory as libpq finds it: $HOME, or else the directory in the
 * system's list of users, because services of systemd without User=, NRPE and some cron
 * daemons set no HOME.  Without either the user has no home; "/" is none. */
#ifndef CONFIG_MODEL_HOME_H
#define CONFIG_MODEL_HOME_H

#include <stdbool.h>

/* HOME/below, which the caller frees; *ret_path NULL: the user has no home.  False: no
 * memory. */
bool home_path(const char *below, char **ret_path);

#endif
