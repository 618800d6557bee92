#include "base/file.h"

#include "base/auto.h"

#include <fcntl.h>
#include <string.h>

void file_sync_directory(const char *path_in_it)
{
    const char *slash = strrchr(path_in_it, '/');
    AUTO(free)
    char *directory =
        slash ? strndup(path_in_it, (size_t)(slash - path_in_it) + 1) : strdup(".");
    AUTO(close)
    int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0)
        fsync(fd);
}

bool file_is_same(int fd, const struct stat *file)
{
    struct stat open_file;
    return fstat(fd, &open_file) == 0 && open_file.st_dev == file->st_dev &&
           open_file.st_ino == file->st_ino;
}
