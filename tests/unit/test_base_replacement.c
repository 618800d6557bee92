/* Each test with nameless files, as on a file system that has none, and as on one that
 * does not give them a name. */
#include "base/replacement.h"

#include "base/memory.h"
#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static bool has_proc = true;

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode)
{
    if (!has_proc && strcmp(path, "/proc/self/fd") == 0)
        return -1;
    return __real_access(path, mode);
}

static bool has_links = true;

int __real_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    if (has_links)
        return __real_linkat(from_fd, from, to_fd, to, flags);
    errno = EPERM;
    return -1;
}

static char directory[] = "/tmp/pgcensus-replacement-XXXXXX";
static const char out[] = "out";

static int set_up(void **state)
{
    return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    return rmdir(directory);
}

/* What is there beside the file itself. */
static unsigned count_others(void)
{
    unsigned n = 0;
    DIR *here = opendir(".");
    for (struct dirent *entry; (entry = readdir(here)) != NULL;)
        n += strcmp(entry->d_name, out) != 0 && strcmp(entry->d_name, ".") != 0 &&
             strcmp(entry->d_name, "..") != 0;
    closedir(here);
    return n;
}

static void write_file(const char *path, const char *text)
{
    AUTO(fclose) FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
}

static void assert_file(const char *path, const char *expected)
{
    char text[64] = "";
    AUTO(fclose) FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_string_equal(text, expected);
}

static bool replace(const char *path, const char *text)
{
    AUTO(replacement_fini) struct replacement replacement = REPLACEMENT_INIT;
    return replacement_open(&replacement, path, NULL) &&
           write(replacement.fd, text, strlen(text)) == (ssize_t)strlen(text) &&
           replacement_commit(&replacement, NULL);
}

static void the_old_file_stays_until_commit(void **state)
{
    write_file(out, "old");
    AUTO(replacement_fini) struct replacement replacement = REPLACEMENT_INIT;
    assert_true(replacement_open(&replacement, out, NULL));
    assert_int_equal(count_others(), has_proc ? 0 : 1);
    assert_int_equal(write(replacement.fd, "new", 3), 3);
    assert_file(out, "old");
    assert_true(replacement_commit(&replacement, NULL));
    assert_file(out, "new");
    assert_int_equal(count_others(), 0);
    unlink(out);
}

static void without_commit_nothing_is_left(void **state)
{
    struct replacement replacement;
    assert_true(replacement_open(&replacement, out, NULL));
    replacement_fini(&replacement);
    assert_int_not_equal(access(out, F_OK), 0);
    assert_int_equal(count_others(), 0);
}

static void owner_group_and_mode_are_kept(void **state)
{
    static const mode_t modes[] = {0600, 0640, 0664, 02775, 0444};
    bool root = geteuid() == 0;
    uid_t user = root ? 65534 : geteuid();
    gid_t group = root ? 65533 : getegid();
    struct stat now;
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        write_file(out, "old");
        assert_int_equal(chown(out, user, group), 0);
        assert_int_equal(chmod(out, modes[i]), 0);
        assert_true(replace(out, "new"));
        assert_int_equal(stat(out, &now), 0);
        assert_int_equal(now.st_mode & 07777, modes[i]);
        assert_int_equal(now.st_uid, user);
        assert_int_equal(now.st_gid, group);
        unlink(out);
    }
}

/* SIGKILL, or a second signal. */
static void die_while_writing(void)
{
    pid_t child = fork();
    if (child == 0) {
        struct replacement replacement;
        bool open = replacement_open(&replacement, out, NULL);
        _exit(open && write(replacement.fd, "half", 4) == 4 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void who_dies_leaves_nothing_for_long(void **state)
{
    write_file(out, "old");
    die_while_writing();
    die_while_writing();
    assert_file(out, "old");
    assert_true(count_others() <= (has_proc ? 0 : 1));
    assert_true(replace(out, "new"));
    assert_file(out, "new");
    assert_int_equal(count_others(), 0);
    unlink(out);
}

static void names_of_the_living_and_of_others_stay(void **state)
{
    struct replacement living;
    assert_true(replacement_open(&living, out, NULL));
    assert_int_equal(write(living.fd, "last", 4), 4);
    assert_int_equal(mkdir(".out.pgcensus-1", 0700), 0);
    assert_int_equal(symlink("nowhere", ".out.pgcensus-2"), 0);
    assert_true(replace(out, "first"));
    assert_file(out, "first");
    assert_true(replacement_commit(&living, NULL));
    assert_file(out, "last");
    replacement_fini(&living);
    assert_int_equal(count_others(), 2);
    assert_int_equal(rmdir(".out.pgcensus-1"), 0);
    unlink(".out.pgcensus-2");
    unlink(out);
}

static void many_at_once(void **state)
{
    enum { RUNS = 20, TIMES = 20 };
    pid_t children[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        bool good = true;
        for (size_t time = 0; time < TIMES; time++)
            good &= replace(out, "whole");
        _exit(good ? 0 : 1);
    }
    for (size_t i = 0; i < RUNS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_file(out, "whole");
    assert_int_equal(count_others(), 0);
    unlink(out);
}

static void links_stay_and_dangling_ones_get_a_target(void **state)
{
    struct stat now;
    assert_int_equal(mkdir("sub", 0700), 0);
    assert_int_equal(symlink("sub/first", "link"), 0);
    assert_int_equal(symlink("second", "sub/first"), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(replace("link", i ? "again" : "made"));
        assert_file("sub/second", i ? "again" : "made");
        assert_int_equal(lstat("link", &now), 0);
        assert_true(S_ISLNK(now.st_mode));
    }
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_false(replace("loop", "x"));
    unlink("loop");
    unlink("link");
    unlink("sub/first");
    unlink("sub/second");
    assert_int_equal(rmdir("sub"), 0);
}

static void what_cannot_be_made_is_told(void **state)
{
    static const char *const paths[] = {"", "nowhere/out", "file/out", "nowhere/"};
    write_file("file", "");
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        struct pgcensus_error error = {0};
        AUTO(replacement_fini) struct replacement replacement = REPLACEMENT_INIT;
        assert_false(replacement_open(&replacement, paths[i], &error));
        assert_int_equal(error.trouble, PGCENSUS_TROUBLE_OUTPUT);
        assert_non_null(strstr(error.message, "could not create "));
    }
    unlink("file");
}

static int with_all(void **state)
{
    has_proc = has_links = true;
    return 0;
}

static int without_proc(void **state)
{
    has_proc = false;
    has_links = true;
    return 0;
}

static int without_links(void **state)
{
    has_proc = true;
    has_links = false;
    return 0;
}

#define EACH(test)                                                                     \
    cmocka_unit_test_setup(test, with_all),                                            \
        cmocka_unit_test_setup(test, without_proc),                                    \
        cmocka_unit_test_setup(test, without_links)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_old_file_stays_until_commit),
        EACH(without_commit_nothing_is_left),
        EACH(owner_group_and_mode_are_kept),
        EACH(who_dies_leaves_nothing_for_long),
        EACH(names_of_the_living_and_of_others_stay),
        EACH(many_at_once),
        EACH(links_stay_and_dangling_ones_get_a_target),
        EACH(what_cannot_be_made_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
