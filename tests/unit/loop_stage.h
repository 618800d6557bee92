/* A loop with three actors.  Each writes its letter into a log when it is stepped, and
 * a turn is told by what it appended; what an actor does besides is its act(). */
#ifndef UNIT_LOOP_STAGE_H
#define UNIT_LOOP_STAGE_H

#include "io/loop.h"

#include "tests/test.h"

#include <string.h>

struct actor {
    struct task task;
    char letter;
    struct stage *stage;
    void (*act)(struct actor *actor); /* after it has written its letter; may be NULL */
    short revents;
    nsec now;
};

struct stage {
    struct loop *loop;
    char log[64];
    size_t n;
    struct actor a, b, c;
};

static inline void actor_step(struct task *task, short revents, nsec now)
{
    struct actor *actor = container_of(task, struct actor, task);
    struct stage *stage = actor->stage;
    assert_true(stage->n + 1 < sizeof stage->log);
    stage->log[stage->n++] = actor->letter;
    actor->revents = revents;
    actor->now = now;
    task->deadline = now >= task->deadline ? NEVER : task->deadline;
    if (actor->act)
        actor->act(actor);
}

static inline void actor_init(struct stage *stage, struct actor *actor, char letter)
{
    *actor = (struct actor){.letter = letter, .stage = stage};
    task_init(&actor->task, actor_step);
}

static inline int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    stage->loop = loop_new();
    actor_init(stage, &stage->a, 'a');
    actor_init(stage, &stage->b, 'b');
    actor_init(stage, &stage->c, 'c');
    *state = stage;
    return stage->loop ? 0 : -1;
}

static inline int tear_down(void **state)
{
    struct stage *stage = *state;
    loop_remove(&stage->a.task);
    loop_remove(&stage->b.task);
    loop_remove(&stage->c.task);
    loop_free(stage->loop);
    free(stage);
    return 0;
}

static inline void add_all(struct stage *stage)
{
    assert_true(loop_add(stage->loop, &stage->a.task));
    assert_true(loop_add(stage->loop, &stage->b.task));
    assert_true(loop_add(stage->loop, &stage->c.task));
}

/* One turn that does not wait; what it did. */
static inline const char *turn(struct stage *stage)
{
    memset(stage->log, 0, sizeof stage->log);
    stage->n = 0;
    assert_true(loop_turn(stage->loop, 0));
    return stage->log;
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
