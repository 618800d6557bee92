/* What comes of one call of getaddrinfo(): in front of a name service of our own, which
 * answers what it is told to, and at the end of the real one, with names that need no
 * network. */
#include "io/lookup_job.h"
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

struct stage {
    struct loop *loop;
    struct workers *workers;
    struct address_list *addresses; /* of the last answer */
};

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    stage->loop = loop_new();
    stage->workers = workers_new(stage->loop, 1);
    *state = stage;
    return stage->workers ? 0 : -1;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    address_list_drop(stage->addresses);
    workers_free(stage->workers);
    loop_free(stage->loop);
    free(stage);
    return 0;
}

/* LOOKUP_WAITING if there was no answer within the patience.  Addresses last until the
 * next one. */
static struct lookup_answer ask(struct stage *stage, const char *name, nsec patience)
{
    AUTO(lookup_job_free) struct lookup_job *job = lookup_job_new(name, NULL);
    assert_non_null(job);
    assert_true(workers_submit(stage->workers, &job->job));
    nsec give_up = clock_now() + patience;
    while (!worker_job_done(&job->job) && clock_now() < give_up)
        assert_true(loop_turn(stage->loop, give_up));
    if (!worker_job_done(&job->job))
        return (struct lookup_answer){.state = LOOKUP_WAITING};
    address_list_drop(stage->addresses);
    stage->addresses = address_list_share(job->answer.addresses);
    return job->answer;
}

#define LONG (20 * NSEC_PER_SEC)

static void finds_an_address(void **state)
{
    struct lookup_answer answer = ask(*state, "one.test", LONG);
    assert_int_equal(answer.state, LOOKUP_FOUND);
    assert_int_equal(answer.addresses->n, 1);
    assert_string_equal(answer.addresses->text[0], "10.0.0.1");
}

static void keeps_order_and_scope_and_drops_doubles(void **state)
{
    struct lookup_answer answer = ask(*state, "several.test", LONG);
    assert_int_equal(answer.addresses->n, 3);
    assert_memory_equal(answer.addresses->text[0], "fe80::1%", 8);
    assert_string_equal(answer.addresses->text[1], "10.0.0.1");
    assert_string_equal(answer.addresses->text[2], "2001:db8::2");
}

static void keeps_the_first_of_too_many(void **state)
{
    struct lookup_answer answer = ask(*state, "many.test", LONG);
    assert_int_equal(answer.addresses->n, ADDRESS_LIST_MOST);
    assert_string_equal(answer.addresses->text[63], "10.0.0.64");
}

static void failures_of_the_name(void **state)
{
    struct lookup_answer answer = ask(*state, "nowhere.test", LONG);
    assert_int_equal(answer.state, LOOKUP_FAILED);
    assert_null(answer.addresses);
    assert_string_equal(answer.reason, gai_strerror(EAI_NONAME));
    answer = ask(*state, "again.test", LONG);
    assert_int_equal(answer.state, LOOKUP_FAILED);
    assert_string_equal(answer.reason, gai_strerror(EAI_AGAIN));
}

static void failures_of_ours(void **state)
{
    struct lookup_answer answer = ask(*state, "y-system.test", LONG);
    assert_int_equal(answer.state, LOOKUP_LOCAL);
    assert_null(answer.addresses);
    assert_string_equal(answer.reason, strerror(ENFILE));
    answer = ask(*state, "z-memory.test", LONG);
    assert_int_equal(answer.state, LOOKUP_LOCAL);
    assert_string_equal(answer.reason, strerror(ENOMEM));
}

/* Then the C library says "Name or service not known" of every name. */
static void out_of_descriptors_is_our_fault(void **state)
{
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = open("/dev/null", O_RDONLY);
    close(next);
    none = before;
    none.rlim_cur = (rlim_t)next;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct lookup_answer answer = ask(*state, "nowhere.test", LONG);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(answer.state, LOOKUP_LOCAL);
    assert_string_equal(answer.reason, strerror(EMFILE));
}

static void localhost_has_no_address_twice(void **state)
{
    struct lookup_answer answer = ask(*state, "localhost", LONG);
    assert_int_equal(answer.state, LOOKUP_FOUND);
    for (size_t i = 0; i < answer.addresses->n; i++) {
        assert_true(resolve_is_address(answer.addresses->text[i]));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(answer.addresses->text[i],
                                    answer.addresses->text[k]);
    }
}

/* Without a network some systems know at once, others ask into silence for a while. */
static void a_name_that_cannot_exist(void **state)
{
    struct lookup_answer answer = ask(*state, "pgcensus.invalid", 2 * NSEC_PER_SEC);
    if (answer.state == LOOKUP_WAITING)
        skip();
    assert_int_equal(answer.state, LOOKUP_FAILED);
    assert_true(answer.reason[0]);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(finds_an_address),
        STAGED(keeps_order_and_scope_and_drops_doubles),
        STAGED(keeps_the_first_of_too_many),
        STAGED(failures_of_the_name),
        STAGED(failures_of_ours),
        STAGED(out_of_descriptors_is_our_fault),
        STAGED(localhost_has_no_address_twice),
        STAGED(a_name_that_cannot_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
