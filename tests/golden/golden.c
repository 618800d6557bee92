#include "golden.h"

#include "spread.h"
#include "tests/test.h"

#include <string.h>

enum { BEFORE = 3, SHOWN = 24 }; /* lines of a difference */

/* $GOLDEN is the directory, which the build knows. */
static void name_path(const char *name, char *path, size_t size)
{
    const char *directory = getenv("GOLDEN");
    assert_non_null(directory);
    snprintf(path, size, "%s/%s", directory, name);
}

static void update(const char *path, const struct buf *printed)
{
    AUTO(fclose) FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(printed->bytes, 1, printed->len, file), printed->len);
}

static void load(const char *path, struct buf *expected)
{
    char piece[4096];
    AUTO(fclose) FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is not there; PGCENSUS_UPDATE=1 makes it", path);
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buf_add(expected, piece, n);
}

/* How many lines they have in common before the first that differs. */
static size_t common_lines(const char *one, const char *other)
{
    size_t n = 0;
    for (; *one && *one == *other; one++, other++)
        n += *one == '\n';
    return n;
}

/* From just before the first difference, on stderr, which meson shows. */
static void show(const char *title, const char *text, size_t first)
{
    print_error("# %s, from line %zu\n", title, first + 1);
    for (size_t i = 0, n; *text && i < first + SHOWN;
         i++, text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        if (i >= first)
            print_error("# |%.*s\n", (int)n, text);
    }
}

/* What is kept in the file NAME, and compared with it. */
static void keep(const char *name, const struct buf *printed, struct buf *kept)
{
    const char *kind = strrchr(name, '.');
    assert_false(printed->broken);
    if (!kind || (strcmp(kind, ".json") != 0 && strcmp(kind, ".ndjson") != 0))
        buf_add(kept, printed->bytes, printed->len);
    else if (!spread_json(printed, kept))
        fail_msg("%s: white space inside a document: %s", name, printed->bytes);
    assert_false(kept->broken);
}

void assert_golden(const char *name, const struct buf *printed)
{
    char path[1024];
    AUTO(buf_fini) struct buf expected = BUF_INIT, kept = BUF_INIT;

    keep(name, printed, &kept);
    name_path(name, path, sizeof path);
    if (getenv("PGCENSUS_UPDATE"))
        update(path, &kept);
    load(path, &expected);
    if (expected.len == kept.len && memcmp(expected.bytes, kept.bytes, kept.len) == 0)
        return;
    size_t common = common_lines(expected.bytes, kept.bytes);
    size_t first = common > BEFORE ? common - BEFORE : 0;
    show("expected", expected.bytes, first);
    show("printed", kept.bytes, first);
    fail_msg("%s differs from line %zu on", name, common + 1);
}
