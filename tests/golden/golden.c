#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

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

/* Both as comments of the test protocol, so that a log shows the difference. */
static void show(const char *title, const char *text)
{
    print_message("# %s\n", title);
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        print_message("# |%.*s\n", (int)n, text);
    }
}

void assert_golden(const char *name, const struct buf *printed)
{
    char path[1024];
    AUTO(buf_fini) struct buf expected = BUF_INIT;

    assert_false(printed->broken);
    name_path(name, path, sizeof path);
    if (getenv("PGCENSUS_UPDATE"))
        update(path, printed);
    load(path, &expected);
    if (expected.len == printed->len &&
        memcmp(expected.bytes, printed->bytes, printed->len) == 0)
        return;
    show("expected:", expected.bytes);
    show("printed:", printed->bytes);
    fail_msg("%s differs", name);
}
