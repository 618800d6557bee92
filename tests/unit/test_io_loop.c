/* Whose turn it is, and what a task may do to others and to itself from inside a step.
 */
#include "loop_stage.h"

/* ---- whose turn it is ---- */

static void a_new_task_steps_once_in_order(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    assert_string_equal(turn(stage), "abc");
    assert_string_equal(turn(stage), "");
}

static void add_c(struct actor *actor)
{
    actor->act = NULL;
    assert_true(loop_add(actor->stage->loop, &actor->stage->c.task));
}

static void added_inside_a_step_comes_next_turn(void **state)
{
    struct stage *stage = *state;
    stage->a.act = add_c;
    assert_true(loop_add(stage->loop, &stage->a.task));
    assert_true(loop_add(stage->loop, &stage->b.task));
    assert_string_equal(turn(stage), "ab");
    assert_string_equal(turn(stage), "c");
}

static void wake_all(struct actor *actor)
{
    actor->act = NULL;
    loop_wake(&actor->stage->c.task);
    loop_wake(&actor->stage->b.task);
    loop_wake(&actor->stage->a.task);
}

/* c has its step still before it; that one will see whatever it was woken for. */
static void woken_inside_a_step(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    stage->b.act = wake_all;
    assert_string_equal(turn(stage), "abc");
    assert_string_equal(turn(stage), "ba");
    assert_string_equal(turn(stage), "");
}

static void waking_twice_is_once(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    turn(stage);
    loop_wake(&stage->b.task);
    loop_wake(&stage->b.task);
    assert_string_equal(turn(stage), "b");
    assert_int_equal(stage->b.revents, 0);
    assert_string_equal(turn(stage), "");
}

static void waking_and_removing_outside_of_a_loop_is_fine(void **state)
{
    struct stage *stage = *state;
    loop_wake(&stage->a.task);
    loop_update(&stage->a.task);
    loop_remove(&stage->a.task);
    assert_string_equal(turn(stage), "");
}

static void again_twice(struct actor *actor)
{
    assert_false(actor->task.again);
    actor->task.again = actor->stage->b.letter++ < 'd';
}

static void again_does_not_wait(void **state)
{
    struct stage *stage = *state;
    stage->a.act = again_twice;
    assert_true(loop_add(stage->loop, &stage->a.task));
    for (int i = 0; i < 3; i++) {
        stage->n = 0;
        assert_true(loop_turn(stage->loop, NEVER));
        assert_int_equal(stage->n, 1);
    }
    assert_string_equal(turn(stage), "");
}

/* ---- leaving ---- */

static void remove_all(struct actor *actor)
{
    loop_remove(&actor->stage->a.task);
    loop_remove(&actor->stage->b.task);
    loop_remove(&actor->stage->c.task);
}

static void removed_inside_a_step(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    stage->b.act = remove_all;
    assert_string_equal(turn(stage), "ab");
    assert_string_equal(turn(stage), "");
    assert_int_equal(loop_load(stage->loop).tasks, 0);
}

static void free_itself(struct actor *actor)
{
    loop_remove(&actor->task);
    free(actor);
}

static void a_task_may_free_itself(void **state)
{
    struct stage *stage = *state;
    struct actor *actor = malloc(sizeof *actor);
    actor_init(stage, actor, 'x');
    actor->act = free_itself;
    actor->task.deadline = 1;
    assert_true(loop_add(stage->loop, &actor->task));
    assert_string_equal(turn(stage), "x");
    assert_string_equal(turn(stage), "");
}

static void leave_and_return(struct actor *actor)
{
    actor->act = NULL;
    loop_remove(&actor->task);
    assert_true(loop_add(actor->stage->loop, &actor->task));
}

static void leaves_and_returns(void **state)
{
    struct stage *stage = *state;
    stage->a.act = leave_and_return;
    assert_true(loop_add(stage->loop, &stage->a.task));
    assert_string_equal(turn(stage), "a");
    assert_string_equal(turn(stage), "a");
    assert_string_equal(turn(stage), "");
    assert_int_equal(loop_load(stage->loop).tasks, 1);
}

/* ---- load ---- */

static void dawdle(struct actor *actor)
{
    nsec begun = clock_now();
    while (clock_now() < begun + 2 * NSEC_PER_MSEC)
        ;
}

static void the_load_is_measured(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    stage->a.act = dawdle;
    turn(stage);
    struct loop_load load = loop_load(stage->loop);
    assert_true(load.last_turn >= 2 * NSEC_PER_MSEC);
    assert_int_equal(load.worst_turn, load.last_turn);
    assert_int_equal(load.turns, 1);
    assert_int_equal(load.tasks, 3);
    turn(stage);
    assert_int_equal(loop_load(stage->loop).turns, 2);
    assert_true(loop_load(stage->loop).worst_turn >= load.worst_turn);
    loop_load_reset(stage->loop);
    assert_int_equal(loop_load(stage->loop).worst_turn, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(a_new_task_steps_once_in_order),
        STAGED(added_inside_a_step_comes_next_turn),
        STAGED(woken_inside_a_step),
        STAGED(waking_twice_is_once),
        STAGED(waking_and_removing_outside_of_a_loop_is_fine),
        STAGED(again_does_not_wait),
        STAGED(removed_inside_a_step),
        STAGED(a_task_may_free_itself),
        STAGED(leaves_and_returns),
        STAGED(the_load_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
