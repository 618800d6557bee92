#include "fleet/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>

enum { RESERVE = 32, ASK_UP_TO = 4096 };

/* Without /proc they are asked one by one; above 4096 few have any. */
static rlim_t count_by_asking(rlim_t limit)
{
    rlim_t open = 0;
    for (int fd = 0; fd < ASK_UP_TO && (rlim_t)fd < limit; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    return open;
}

static rlim_t count_open(rlim_t limit)
{
    DIR *list = opendir("/proc/self/fd");
    rlim_t open = 0;
    if (!list)
        return count_by_asking(limit);
    for (const struct dirent *entry; (entry = readdir(list));)
        open += entry->d_name[0] != '.';
    closedir(list);
    return open - 1; /* the list itself */
}

unsigned descriptors_free(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return 1;
    if (files.rlim_cur == RLIM_INFINITY)
        return UINT_MAX;
    rlim_t taken = count_open(files.rlim_cur) + RESERVE;
    if (files.rlim_cur <= taken)
        return 1;
    rlim_t free = files.rlim_cur - taken;
    return free < UINT_MAX ? (unsigned)free : UINT_MAX;
}
