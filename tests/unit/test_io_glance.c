/* Files that are looked at on a thread. */
#include "io/glance.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct loop *loop;
    struct workers *workers;
    struct glances *glances;
    struct task waiter;
    char path[64];
};

static void waiter_step(struct task *task, short revents, nsec now)
{
}

static int begin(void **state)
{
    static struct scene scene;
    scene = (struct scene){.loop = loop_new()};
    scene.workers = workers_new(scene.loop, 1);
    scene.glances = glances_new(scene.loop, scene.workers);
    task_init(&scene.waiter, waiter_step);
    snprintf(scene.path, sizeof scene.path, "/tmp/glance.%d", (int)getpid());
    unlink(scene.path);
    *state = &scene;
    return scene.glances && loop_add(scene.loop, &scene.waiter) ? 0 : -1;
}

static int end(void **state)
{
    struct scene *scene = *state;
    unlink(scene->path);
    glances_free(scene->glances);
    workers_free(scene->workers);
    loop_remove(&scene->waiter);
    loop_free(scene->loop);
    return 0;
}

/* What a claimant learns at that time. */
static int look(struct scene *scene, const char *path, nsec now)
{
    struct glance glance = {0};
    glances_ask(scene->glances, &glance, path, &scene->waiter, now);
    while (glance.state == GLANCE_WAITING)
        loop_turn(scene->loop, clock_now() + NSEC_PER_SEC);
    assert_int_equal(glance.state, GLANCE_SEEN);
    return glance.error;
}

static void says_what_cannot_be_read(void **state)
{
    struct scene *scene = *state;
    nsec now = clock_now();
    assert_int_equal(look(scene, "/dev/null", now), 0);
    assert_int_equal(look(scene, "/dev/null/none", now), ENOTDIR);
    assert_int_equal(look(scene, "/nowhere", now), ENOENT);
    assert_int_equal(look(scene, "/", now), EISDIR);
    assert_int_equal(look(scene, "/dev/zero", now), GLANCE_ODD_FILE);
    assert_int_equal(mkfifo(scene->path, 0600), 0);
    assert_int_equal(look(scene, scene->path, now), GLANCE_ODD_FILE);
}

static void looks_once_for_all(void **state)
{
    struct scene *scene = *state;
    nsec now = clock_now();
    FILE *file = fopen(scene->path, "w");
    assert_non_null(file);
    fclose(file);
    struct glance glances[3] = {0};
    for (size_t i = 0; i < 3; i++)
        glances_ask(scene->glances, &glances[i], scene->path, &scene->waiter, now);
    glance_forget(&glances[1]);
    while (glances[0].state == GLANCE_WAITING)
        loop_turn(scene->loop, clock_now() + NSEC_PER_SEC);
    assert_int_equal(glances[1].state, GLANCE_NONE);
    assert_int_equal(glances[2].state, GLANCE_SEEN);
    /* what is gone is not missed before somebody looks again */
    unlink(scene->path);
    assert_int_equal(look(scene, scene->path, now), 0);
    assert_int_equal(look(scene, scene->path, now + 120 * NSEC_PER_SEC), ENOENT);
}

static void can_be_freed_while_it_looks(void **state)
{
    struct scene *scene = *state;
    struct glance glance = {0};
    glances_ask(scene->glances, &glance, "/dev/null", &scene->waiter, clock_now());
    assert_int_equal(glance.state, GLANCE_WAITING);
    glances_free(scene->glances);
    scene->glances = NULL;
    assert_int_equal(glance.state, GLANCE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_what_cannot_be_read, begin, end),
        cmocka_unit_test_setup_teardown(looks_once_for_all, begin, end),
        cmocka_unit_test_setup_teardown(can_be_freed_while_it_looks, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
