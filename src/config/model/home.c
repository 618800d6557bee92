#include "config/model/home.h"

#include "base/memory.h"

#include <pwd.h>

enum { LONGEST_ENTRY = 16384 };

bool home_path(const char *below, char **ret_path)
{
    const char *home = getenv("HOME");
    struct passwd entry, *found = NULL;
    char texts[LONGEST_ENTRY];

    *ret_path = NULL;
    if (!home || !*home) {
        if (getpwuid_r(geteuid(), &entry, texts, sizeof texts, &found) != 0 || !found ||
            !*found->pw_dir)
            return true;
        home = found->pw_dir;
    }
    *ret_path = memory_format("%s/%s", home, below);
    return *ret_path != NULL;
}
