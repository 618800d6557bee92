#include "output/sink.h"

#include "base/buf.h"
#include "base/memory.h"
#include "tests/test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* A directory of its own for each test. */
struct place {
    char directory[64];
    char *path; /* of a file in it that does not exist yet */
};

static int set_up(void **state)
{
    struct place *place = memory_new(struct place);
    strcpy(place->directory, "/tmp/pgcensus-sink-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    place->path = memory_format("%s/out", place->directory);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    int removed = rmdir(place->directory); /* fails if a temporary file was left */
    free(place->path);
    free(place);
    return removed;
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
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    assert_string_equal(text, expected);
}

static void a_new_file_appears_when_it_is_complete(void **state)
{
    struct place *place = *state;
    struct pgcensus_error error = {0};
    struct stat made;
    AUTO(sink_free) struct sink *sink = sink_open(place->path, &error);
    assert_non_null(sink);
    assert_true(sink_write(sink, "hello ", 6));
    assert_true(sink_write(sink, "world\n", 6));
    assert_int_not_equal(access(place->path, F_OK), 0);
    assert_true(sink_commit(sink, &error));
    assert_file(place->path, "hello world\n");

    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat(place->path, &made), 0);
    assert_int_equal(made.st_mode & 07777, 0644 & ~mask);
}

static void without_commit_the_old_file_stays(void **state)
{
    struct place *place = *state;
    write_file(place->path, "old");
    struct sink *sink = sink_open(place->path, NULL);
    assert_true(sink_write(sink, "new", 3));
    assert_true(sink_flush(sink));
    sink_free(sink);
    assert_file(place->path, "old");
}

static void replacing_keeps_the_mode(void **state)
{
    struct place *place = *state;
    struct stat now;
    write_file(place->path, "old and longer");
    chmod(place->path, 0600);
    AUTO(sink_free) struct sink *sink = sink_open(place->path, NULL);
    assert_true(sink_write(sink, "new", 3));
    assert_true(sink_commit(sink, NULL));
    assert_file(place->path, "new");
    assert_int_equal(stat(place->path, &now), 0);
    assert_int_equal(now.st_mode & 07777, 0600);
}

static void symbolic_link_stays_one(void **state)
{
    struct place *place = *state;
    struct stat now;
    AUTO(free) char *link = memory_format("%s/link", place->directory);
    write_file(place->path, "old");
    assert_int_equal(symlink("out", link), 0);
    AUTO(sink_free) struct sink *sink = sink_open(link, NULL);
    assert_true(sink_write(sink, "new", 3));
    assert_true(sink_commit(sink, NULL));
    assert_int_equal(lstat(link, &now), 0);
    unlink(link);
    assert_true(S_ISLNK(now.st_mode));
    assert_file(place->path, "new");
}

static void device_is_not_replaced(void **state)
{
    struct stat now;
    AUTO(sink_free) struct sink *sink = sink_open("/dev/null", NULL);
    assert_non_null(sink);
    assert_true(sink_write(sink, "gone", 4));
    assert_true(sink_commit(sink, NULL));
    assert_int_equal(stat("/dev/null", &now), 0);
    assert_true(S_ISCHR(now.st_mode));
}

static void assert_output_error(const struct pgcensus_error *error,
                                const char *expected)
{
    assert_int_equal(error->trouble, PGCENSUS_TROUBLE_OUTPUT);
    assert_string_equal(error->message, expected);
}

static void a_full_disk_is_told(void **state)
{
    struct pgcensus_error error = {0};
    AUTO(sink_free) struct sink *sink = sink_open("/dev/full", NULL);
    assert_non_null(sink);
    assert_true(sink_write(sink, "x", 1));
    assert_false(sink_flush(sink));
    assert_false(sink_write(sink, "y", 1));
    assert_false(sink_commit(sink, &error));
    assert_output_error(&error,
                        "could not write to /dev/full: No space left on device");
}

static void no_such_directory(void **state)
{
    struct pgcensus_error error = {0};
    assert_null(sink_open("/nonexistent/out", &error));
    assert_output_error(&error,
                        "could not create /nonexistent/out: No such file or directory");
    assert_null(sink_open("/tmp", &error));
    assert_output_error(&error, "could not open /tmp: Is a directory");
}

/* Runs with another stdout; returns what must be given to restore_stdout(). */
static int replace_stdout(int fd)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    if (fd < 0)
        close(STDOUT_FILENO);
    else
        dup2(fd, STDOUT_FILENO);
    return saved;
}

static void restore_stdout(int saved)
{
    dup2(saved, STDOUT_FILENO);
    close(saved);
}

static void a_closed_stdout_is_told(void **state)
{
    struct pgcensus_error error = {0};
    int saved = replace_stdout(-1);
    struct sink *sink = sink_open(NULL, &error);
    restore_stdout(saved);
    assert_null(sink);
    assert_output_error(&error,
                        "could not write to standard output: Bad file descriptor");
}

/* -o /dev/stdout >> log: what stands in the log is not ours to replace. */
static void own_stream_is_not_replaced(void **state)
{
    struct place *place = *state;
    write_file(place->path, "first ");
    int log = open(place->path, O_WRONLY | O_APPEND);
    int saved = replace_stdout(log);
    close(log);
    AUTO(sink_free) struct sink *sink = sink_open("/dev/stdout", NULL);
    bool committed = sink && sink_write(sink, "second", 6) && sink_commit(sink, NULL);
    restore_stdout(saved);
    assert_true(committed);
    assert_file(place->path, "first second");
}

/* As inetd and ssh start us; and of another's socket what is true is said. */
static void sockets_can_be_written_to(void **state)
{
    struct place *place = *state;
    struct pgcensus_error error = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int ends[2];
    char got[8] = "";
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    int saved = replace_stdout(ends[1]);
    AUTO(sink_free) struct sink *sink = sink_open("/dev/stdout", NULL);
    bool committed = sink && sink_write(sink, "socket", 6) && sink_commit(sink, NULL);
    restore_stdout(saved);
    assert_true(committed);
    assert_int_equal(read(ends[0], got, sizeof got), 6);
    assert_string_equal(got, "socket");
    close(ends[0]);
    close(ends[1]);

    AUTO(close) int other = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, place->path);
    assert_int_equal(bind(other, (struct sockaddr *)&address, sizeof address), 0);
    assert_null(sink_open(place->path, &error));
    assert_non_null(strstr(error.message, ": it is a socket"));
}

static void fifo_without_a_reader(void **state)
{
    struct place *place = *state;
    struct pgcensus_error error = {0};
    assert_int_equal(mkfifo(place->path, 0600), 0);
    assert_null(sink_open(place->path, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_OUTPUT);
    assert_non_null(strstr(error.message, ": nobody reads from it"));
}

static void a_pipe_that_nobody_reads(void **state)
{
    struct pgcensus_error error = {0};
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    int saved = replace_stdout(ends[1]);
    AUTO(sink_free) struct sink *sink = sink_open(NULL, NULL);
    bool written = sink_write(sink, "x", 1), committed = sink_commit(sink, &error);
    restore_stdout(saved);
    close(ends[1]);
    assert_true(written);
    assert_false(committed);
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_READER);
    assert_string_equal(error.message,
                        "could not write to standard output: Broken pipe");
}

enum { PLENTY = 300000 };

/* Reads a little at a time, and starts late. */
static void *read_slowly(void *context)
{
    int fd = *(int *)context;
    char bytes[1000];
    size_t *sum = memory_new(size_t);
    ssize_t n;
    poll(NULL, 0, 50);
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        *sum += (size_t)n;
    return sum;
}

static void slow_reader_gets_everything(void **state)
{
    int ends[2];
    pthread_t reader;
    void *sum = NULL;
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &ends[0]), 0);

    int saved = replace_stdout(ends[1]);
    close(ends[1]);
    struct sink *sink = sink_open(NULL, NULL);
    bool fine = true;
    for (size_t i = 0; i < PLENTY / 10; i++)
        fine &= sink_write(sink, "0123456789", 10);
    fine &= sink_commit(sink, NULL);
    sink_free(sink);
    restore_stdout(saved);

    pthread_join(reader, &sum);
    close(ends[0]);
    assert_true(fine);
    assert_int_equal(*(size_t *)sum, PLENTY);
    free(sum);
}

static void only_commit_waits(void **state)
{
    int ends[2];
    pthread_t reader;
    void *sum = NULL;
    assert_int_equal(pipe(ends), 0);
    int saved = replace_stdout(ends[1]);
    close(ends[1]);
    struct sink *sink = sink_open(NULL, NULL);
    bool fine = true;
    for (size_t i = 0; i < PLENTY / 10; i++)
        fine &= sink_write(sink, "0123456789", 10) && sink_flush(sink);
    /* Nobody has read, and here we are. */
    int created = pthread_create(&reader, NULL, read_slowly, &ends[0]);
    fine &= sink_commit(sink, NULL);
    sink_free(sink);
    restore_stdout(saved);

    assert_int_equal(created, 0);
    pthread_join(reader, &sum);
    close(ends[0]);
    assert_true(fine);
    assert_int_equal(*(size_t *)sum, PLENTY);
    free(sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_file_appears_when_it_is_complete, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_commit_the_old_file_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(replacing_keeps_the_mode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(symbolic_link_stays_one, set_up, tear_down),
        cmocka_unit_test(device_is_not_replaced),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(no_such_directory),
        cmocka_unit_test(a_closed_stdout_is_told),
        cmocka_unit_test_setup_teardown(own_stream_is_not_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sockets_can_be_written_to, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fifo_without_a_reader, set_up, tear_down),
        cmocka_unit_test(a_pipe_that_nobody_reads),
        cmocka_unit_test(slow_reader_gets_everything),
        cmocka_unit_test(only_commit_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
