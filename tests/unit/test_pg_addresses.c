/* Names with several addresses.  The resolver is a fake put in by the linker; addresses
 * are those of 127.0.0.0/8, where every one is a machine of its own. */
#include "tests/test.h"
#include "tests/unit/pg_stage.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MSEC NSEC_PER_MSEC

static struct lookup answer;   /* to the next question */
static struct lookup *waiting; /* for an answer that comes later */
static unsigned forgotten;

void __wrap_resolver_ask(struct resolver *resolver, struct lookup *lookup,
                         const char *name, struct task *waiter, nsec now);
void __wrap_resolver_forget(struct resolver *resolver, struct lookup *lookup);
nsec __wrap_resolver_waited(const struct lookup *lookup, nsec now, bool *ret_waits);

void __wrap_resolver_ask(struct resolver *resolver, struct lookup *lookup,
                         const char *name, struct task *waiter, nsec now)
{
    *lookup = answer;
    lookup->addresses = address_list_share(answer.addresses);
    lookup->waiter = waiter;
    waiting = lookup;
}

void __wrap_resolver_forget(struct resolver *resolver, struct lookup *lookup)
{
    forgotten += lookup->state == LOOKUP_WAITING;
    lookup->state = LOOKUP_NONE;
    address_list_drop(take_ptr(lookup->addresses));
}

/* How long it has waited for a thread, and whether it goes on doing so for ever. */
static nsec waited;
static bool waits_for_ever;

nsec __wrap_resolver_waited(const struct lookup *lookup, nsec now, bool *ret_waits)
{
    *ret_waits = waits_for_ever;
    return waited;
}

static void forget_answer(void)
{
    address_list_drop(take_ptr(answer.addresses));
    answer = (struct lookup){0};
    waited = 0;
    waits_for_ever = false;
}

static void answer_later(void)
{
    forget_answer();
    answer.state = LOOKUP_WAITING;
}

static void add_answer(const char *address)
{
    if (!answer.addresses)
        answer.addresses = address_list_new(ADDRESS_LIST_MOST);
    assert_non_null(answer.addresses);
    answer.state = LOOKUP_FOUND;
    snprintf(answer.addresses->text[answer.addresses->n++], INET6_ADDRSTRLEN, "%s",
             address);
}

static void answer_with(const char *first, const char *second)
{
    forget_answer();
    add_answer(first);
    if (second)
        add_answer(second);
}

/* A client of the name "node", whose server is on 127.0.0.2. */
static void open_scene(struct scene *scene, script *play)
{
    forgotten = 0;
    stage_open(&scene->stage, "127.0.0.2", play);
    client_init(&scene->client, &scene->stage);
    scene->client.target.host = "node";
}

/* Accepts nobody: connecting to it never comes to an end. */
struct hole {
    int listener, callers[4];
};

static struct hole dig(const char *address, uint16_t port)
{
    struct hole hole = {.listener = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &at.sin_addr);
    assert_int_equal(bind(hole.listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(hole.listener, 0), 0);
    for (size_t i = 0; i < ARRAY_SIZE(hole.callers); i++) {
        hole.callers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(hole.callers[i], (struct sockaddr *)&at, sizeof at);
    }
    return hole;
}

static void fill_up(struct hole *hole)
{
    close(hole->listener);
    for (size_t i = 0; i < ARRAY_SIZE(hole->callers); i++)
        close(hole->callers[i]);
}

static void the_second_after_a_refusal(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_with("127.0.0.3", "127.0.0.2");
    assert_int_equal(client_connect(&scene.client), PG_READY);
    assert_string_equal(pg_conn_address(scene.client.conn), "127.0.0.2");
    assert_false(pg_conn_failed(scene.client.conn));
}

static void a_dead_one_leaves_time_for_the_next(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    struct hole hole = dig("127.0.0.3", scene.stage.port);
    answer_with("127.0.0.3", "127.0.0.2");
    nsec began = clock_now();
    client_open(&scene.client, 1000 * MSEC);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_READY);
    assert_true(clock_now() - began >= 500 * MSEC);
    fill_up(&hole);
}

static void all_dead_end_by_one_deadline(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, stay_silent);
    struct hole hole = dig("127.0.0.3", scene.stage.port);
    answer_with("127.0.0.2", "127.0.0.3");
    nsec began = clock_now();
    client_open(&scene.client, 600 * MSEC);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_in_range(clock_now() - began, 600 * MSEC, 3000 * MSEC);
    /* the one that came further is told of, not the last */
    assert_failure(&scene.client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH,
                   "timeout after 600 ms (auth)");
    assert_true(pg_conn_timing(scene.client.conn)->tcp > 0);
    fill_up(&hole);
}

/* A login that is slow for everybody, as through LDAP. */
static void letting_in_slowly(struct stage *stage, int fd)
{
    if (!hear_startup(stage, fd, 'N'))
        return;
    usleep(600 * 1000);
    if (say_request(fd, 0, NULL, 0) && say_ready(fd))
        stay_silent(stage, fd);
}

static void who_accepts_may_take_all_that_is_left(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, letting_in_slowly);
    forget_answer();
    for (int i = 0; i < 8; i++)
        add_answer("127.0.0.2");
    client_open(&scene.client, 1500 * MSEC);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_READY);
    assert_int_equal(scene.stage.startups, 1);
}

static void all_of_many_are_tried(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    forget_answer();
    for (int i = 1; i < ADDRESS_LIST_MOST; i++)
        add_answer("127.0.0.3");
    add_answer("127.0.0.2");
    assert_int_equal(client_connect(&scene.client), PG_READY);
    assert_string_equal(pg_conn_address(scene.client.conn), "127.0.0.2");
}

static void when_all_refuse_it_is_said(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_with("127.0.0.3", "127.0.0.4");
    assert_int_equal(client_connect(&scene.client), PG_BROKEN);
    assert_failure(&scene.client, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT,
                   "connection refused (127.0.0.4:");
}

static void knowing_better(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say_error(fd, 'E', "FATAL", "28P01", "password authentication failed");
}

static void credentials_are_judged_once(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, knowing_better);
    answer_with("127.0.0.2", "127.0.0.2");
    assert_int_equal(client_connect(&scene.client), PG_BROKEN);
    assert_int_equal(scene.stage.startups, 1);
}

static void a_name_is_not_asked_about_an_address(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    waiting = NULL;
    scene.client.target.hostaddr = "127.0.0.2";
    assert_int_equal(client_connect(&scene.client), PG_READY);
    assert_null(waiting);
}

static void an_answer_that_comes_later(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_later();
    client_open(&scene.client, 5 * NSEC_PER_SEC);
    client_linger(&scene.client, 50 * MSEC);
    assert_int_equal(pg_conn_state(scene.client.conn), PG_RESOLVING);
    assert_int_equal(pg_conn_phase(scene.client.conn), PGCENSUS_PHASE_RESOLVE);
    assert_true(scene.client.steps < 3);

    struct task *waiter = waiting->waiter;
    answer_with("127.0.0.2", NULL);
    *waiting = answer;
    address_list_share(answer.addresses);
    loop_wake(waiter);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_READY);
    assert_true(pg_conn_timing(scene.client.conn)->resolve >= 50 * MSEC);
    assert_int_equal(forgotten, 0);
}

static void a_silent_resolver(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_later();
    client_open(&scene.client, 100 * MSEC);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(&scene.client, PGCENSUS_CLASS_DNS, PGCENSUS_PHASE_RESOLVE,
                   "timeout after 100 ms (resolve)");
    assert_int_equal(forgotten, 1);
}

/* The time in which no thread had begun is not the name service's. */
static void waiting_for_a_thread_is_not_charged(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_later();
    client_open(&scene.client, 100 * MSEC);
    waited = 60 * NSEC_PER_SEC;
    client_linger(&scene.client, 200 * MSEC);
    assert_int_equal(pg_conn_state(scene.client.conn), PG_RESOLVING);

    struct task *waiter = waiting->waiter;
    answer_with("127.0.0.2", NULL);
    waited = 60 * NSEC_PER_SEC;
    *waiting = answer;
    address_list_share(answer.addresses);
    loop_wake(waiter);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_READY);
    assert_int_equal(pg_conn_timing(scene.client.conn)->queued, 60 * NSEC_PER_SEC);
    assert_true(pg_conn_timing(scene.client.conn)->resolve < NSEC_PER_SEC);
    forget_answer();
}

static void a_name_that_no_thread_looked_up(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_later();
    waited = 100 * MSEC;
    waits_for_ever = true;
    client_open(&scene.client, 100 * MSEC);
    assert_int_equal(client_wait(&scene.client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(&scene.client, PGCENSUS_CLASS_LOCAL, PGCENSUS_PHASE_RESOLVE,
                   "its name was not looked up within 100 ms: all threads of ours were "
                   "busy with other names");
    assert_true(pg_conn_starved(scene.client.conn));
    assert_int_equal(forgotten, 1);
    forget_answer();
}

static void names_that_fail(void **state)
{
    static const struct {
        enum lookup_state state;
        enum pgcensus_class error_class;
    } rows[] = {{LOOKUP_FAILED, PGCENSUS_CLASS_DNS},
                {LOOKUP_LOCAL, PGCENSUS_CLASS_LOCAL}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        AUTO(scene_close) struct scene scene;
        open_scene(&scene, trusting);
        forget_answer();
        answer = (struct lookup){.state = rows[i].state, .reason = "no luck today"};
        assert_int_equal(client_connect(&scene.client), PG_BROKEN);
        assert_failure(&scene.client, rows[i].error_class, PGCENSUS_PHASE_RESOLVE,
                       "\"node\": no luck today");
    }
}

static void freed_while_it_waits(void **state)
{
    AUTO(scene_close) struct scene scene;
    open_scene(&scene, trusting);
    answer_later();
    client_open(&scene.client, 5 * NSEC_PER_SEC);
    loop_remove(&scene.client.task);
    pg_conn_free(scene.client.conn);
    scene.client.conn = NULL;
    assert_int_equal(forgotten, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_after_a_refusal),
        cmocka_unit_test(a_dead_one_leaves_time_for_the_next),
        cmocka_unit_test(all_dead_end_by_one_deadline),
        cmocka_unit_test(who_accepts_may_take_all_that_is_left),
        cmocka_unit_test(all_of_many_are_tried),
        cmocka_unit_test(when_all_refuse_it_is_said),
        cmocka_unit_test(credentials_are_judged_once),
        cmocka_unit_test(a_name_is_not_asked_about_an_address),
        cmocka_unit_test(an_answer_that_comes_later),
        cmocka_unit_test(a_silent_resolver),
        cmocka_unit_test(waiting_for_a_thread_is_not_charged),
        cmocka_unit_test(a_name_that_no_thread_looked_up),
        cmocka_unit_test(names_that_fail),
        cmocka_unit_test(freed_while_it_waits),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget_answer();
    return failed;
}
