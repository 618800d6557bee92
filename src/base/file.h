/* What replacing a file safely needs. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* A rename is only safe on disk when the directory is.  Best effort: there are file
 * systems that cannot. */
void file_sync_directory(const char *path_in_it);

/* Whether that descriptor is open on this very file. */
bool file_is_same(int fd, const struct stat *file);

#endif
