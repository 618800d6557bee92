/* Stands in for libFuzzer: feeds the files of the given directories to the target, so
 * that what was once found stays found, with any compiler. */
#include "base/auto.h"
#include "fuzz.h"

#include <dirent.h>
#include <err.h>

static void replay(const char *path)
{
    AUTO(fclose) FILE *file = fopen(path, "rb");
    AUTO(free) uint8_t *bytes = NULL;
    size_t n = 0, cap = 0;

    if (!file)
        err(1, "%s", path);
    while (!feof(file)) {
        cap += 65536;
        bytes = realloc(bytes, cap);
        require(bytes);
        n += fread(bytes + n, 1, cap - n, file);
        if (ferror(file))
            err(1, "%s", path);
    }
    LLVMFuzzerTestOneInput(bytes, n);
}

static size_t replay_directory(const char *directory)
{
    struct dirent **entries = NULL;
    int n = scandir(directory, &entries, NULL, alphasort);
    size_t replayed = 0;

    if (n < 0)
        err(1, "%s", directory);
    for (int i = 0; i < n; i++) {
        AUTO(free) struct dirent *entry = entries[i];
        AUTO(free) char *path = NULL;
        if (*entry->d_name == '.')
            continue;
        require(asprintf(&path, "%s/%s", directory, entry->d_name) >= 0);
        replay(path);
        replayed++;
    }
    free(entries);
    return replayed;
}

int main(int argc, char **argv)
{
    size_t replayed = 0;
    for (int i = 1; i < argc; i++)
        replayed += replay_directory(argv[i]);
    printf("%zu inputs\n", replayed);
    return replayed == 0; /* a corpus that went missing tests nothing */
}
