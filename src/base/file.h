/* Functions for replacing a file safely. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Syncs the directory, because a rename is only then safe on disk.  Best
 * effort: some file systems cannot. */
void file_sync_directory(const char *path_in_it);

/* Whether that descriptor is open on this very file. */
bool file_is_same(int fd, const struct stat *file);

#endif
