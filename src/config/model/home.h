/* The home directory of who runs us, as libpq finds it: $HOME if there is one, else
 * what the system's list of users says.  Services of systemd without User=, NRPE and
 * some cron daemons set no HOME.  Never "/" for want of a better one. */
#ifndef CONFIG_MODEL_HOME_H
#define CONFIG_MODEL_HOME_H

#include <stdbool.h>

/* HOME/below, which the caller frees; *ret_path NULL: the user has no home.  False: no
 * memory. */
bool home_path(const char *below, char **ret_path);

#endif
