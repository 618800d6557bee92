#include "fleet/descriptors.h"
#include "tests/test.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static struct rlimit before;

static int remember(void **state)
{
    return getrlimit(RLIMIT_NOFILE, &before);
}

static int restore(void **state)
{
    return setrlimit(RLIMIT_NOFILE, &before);
}

static void limit(rlim_t files)
{
    struct rlimit low = {.rlim_cur = files, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
}

static void what_is_open_is_not_free(void **state)
{
    int files[10];
    limit(256);
    unsigned free = descriptors_free();
    assert_in_range(free, 1, 256 - 32 - 3);
    for (int i = 0; i < 10; i++)
        files[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(descriptors_free(), free - 10);
    for (int i = 0; i < 10; i++)
        close(files[i]);
    assert_int_equal(descriptors_free(), free);
}

static void one_is_always_tried(void **state)
{
    limit(20);
    assert_int_equal(descriptors_free(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_open_is_not_free, remember, restore),
        cmocka_unit_test_setup_teardown(one_is_always_tried, remember, restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
