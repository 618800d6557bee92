#include "report/gather.h"
#include "tests/test.h"

#include <string.h>

enum { MOST = 40 };

/* Plays the fleet: n0, n1, … */
struct pgcensus_fleet {
    struct pgcensus_identity identities[MOST];
    char names[MOST][8];
    struct pgcensus_node_result results[MOST];
    const struct pgcensus_node_result *order[MOST];
    size_t n;
};

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return fleet->n;
}

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return &fleet->identities[index];
}

static void add(struct pgcensus_fleet *fleet, enum pgcensus_status status,
                enum pgcensus_class error_class, const char *message)
{
    size_t i = fleet->n++;
    struct pgcensus_node_result *result = &fleet->results[i];
    snprintf(fleet->names[i], sizeof fleet->names[i], "n%zu", i);
    fleet->identities[i] =
        (struct pgcensus_identity){.name = fleet->names[i], .host = "db", .port = 5432};
    *result = (struct pgcensus_node_result){.index = i, .status = status};
    result->failed = error_class != PGCENSUS_CLASS_NONE;
    result->failure.error_class = error_class;
    strcpy(result->failure.message, message);
    fleet->order[i] = result;
}

static void add_down(struct pgcensus_fleet *fleet, const char *message)
{
    add(fleet, PGCENSUS_DOWN, PGCENSUS_CLASS_AUTH, message);
}

/* All items as "detail @ names\n". */
static void assert_gathered(const struct pgcensus_fleet *fleet, const char *expected)
{
    AUTO(gathering_fini) struct gathering gathering = {0};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    assert_true(gather_problems(fleet, fleet->order, fleet->n, false, &gathering));
    for (size_t i = 0; i < gathering.n; i++) {
        buf_add_format(&text, "%s @ ", gathering.items[i].detail);
        gathered_add_names(&gathering.items[i], fleet, &text);
        buf_add_char(&text, '\n');
    }
    assert_string_equal(text.bytes, expected);
}

static void no_problems_are_no_lines(void **state)
{
    struct pgcensus_fleet fleet = {0};
    assert_gathered(&fleet, "");
    add(&fleet, PGCENSUS_OK, PGCENSUS_CLASS_NONE, "");
    add(&fleet, PGCENSUS_DISABLED, PGCENSUS_CLASS_NONE, "");
    assert_gathered(&fleet, "");
}

static void ten_stand_alone(void **state)
{
    struct pgcensus_fleet fleet = {0};
    AUTO(buf_fini) struct buf expected = BUF_INIT;
    for (int i = 0; i < 10; i++) {
        add_down(&fleet, "same");
        buf_add_format(&expected, "same @ n%d\n", i);
    }
    assert_gathered(&fleet, expected.bytes);
    add_down(&fleet, "same");
    assert_gathered(&fleet, "same @ n[0-10]\n");
}

static void addresses_make_no_difference(void **state)
{
    struct pgcensus_fleet fleet = {0};
    for (int i = 0; i < 11; i++) {
        char message[40];
        add_down(&fleet, "");
        snprintf(fleet.results[i].hostaddr, 16, "10.0.0.%d", i);
        snprintf(message, sizeof message, "refused (10.0.0.%d:5432)", i);
        strcpy(fleet.results[i].failure.message, message);
    }
    assert_gathered(&fleet, "refused @ n[0-10]\n");
    fleet.n = 1;
    assert_gathered(&fleet, "refused (10.0.0.0:5432) @ n0\n");
}

static void one_class_with_many_words(void **state)
{
    struct pgcensus_fleet fleet = {0};
    for (int i = 0; i < 11; i++) {
        char message[40];
        snprintf(message, sizeof message, "role \"u%d\" does not exist", i);
        add_down(&fleet, message);
        add_down(&fleet, "wrong password");
    }
    add(&fleet, PGCENSUS_DOWN, PGCENSUS_CLASS_DNS, "name not known");
    assert_gathered(&fleet, "auth @ n[0,2,4,6,8,10,12,14,16,18,20]\n"
                            "wrong password @ n[1,3,5,7,9,11,13,15,17,19,21]\n"
                            "name not known @ n22\n");
}

static void add_timeout(struct pgcensus_fleet *fleet, enum pgcensus_phase phase,
                        const char *phase_name)
{
    char message[40];
    size_t milliseconds = 3000 + fleet->n;
    snprintf(message, sizeof message, "timeout after %zu ms (%s)", milliseconds,
             phase_name);
    add(fleet, PGCENSUS_DOWN, PGCENSUS_CLASS_TIMEOUT, message);
    fleet->results[fleet->n - 1].failure.phase = phase;
}

static void phases_are_never_mixed(void **state)
{
    struct pgcensus_fleet fleet = {0};
    for (int i = 0; i < 11; i++)
        add_timeout(&fleet, PGCENSUS_PHASE_QUERY, "query");
    add_timeout(&fleet, PGCENSUS_PHASE_AUTH, "auth");
    assert_gathered(&fleet, "timeout (query) @ n[0-10]\n"
                            "timeout after 3011 ms (auth) @ n11\n");
    for (int i = 0; i < 10; i++)
        add_timeout(&fleet, PGCENSUS_PHASE_AUTH, "auth");
    assert_gathered(&fleet, "timeout (query) @ n[0-10]\n"
                            "timeout (auth) @ n[11-21]\n");
}

static void statuses_are_never_mixed(void **state)
{
    struct pgcensus_fleet fleet = {0};
    for (int i = 0; i < 11; i++) {
        add_down(&fleet, "same");
        add(&fleet, PGCENSUS_UNKNOWN, PGCENSUS_CLASS_AUTH, "same");
    }
    assert_gathered(&fleet, "same @ n[0,2,4,6,8,10,12,14,16,18,20]\n"
                            "same @ n[1,3,5,7,9,11,13,15,17,19,21]\n");
}

/* ---- what is said below ---- */

static void add_wrong(struct pgcensus_fleet *fleet, const char *message,
                      const char *detail, unsigned position)
{
    add(fleet, PGCENSUS_DOWN, PGCENSUS_CLASS_QUERY, message);
    struct pgcensus_failure *failure = &fleet->results[fleet->n - 1].failure;
    failure->position = position;
    if (!detail)
        return;
    failure->detail_at = (uint16_t)(strlen(message) + 1);
    strcpy(failure->message + failure->detail_at, detail);
}

static void assert_lines(const struct pgcensus_fleet *fleet, bool verbose,
                         const char *expected)
{
    AUTO(gathering_fini) struct gathering gathering = {0};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    const struct gathering_words words = {verbose, {.sql = "select nam"}};
    assert_true(gather_problems(fleet, fleet->order, fleet->n,
                                /* same_statement= */ true, &gathering));
    gathering_add_lines(&gathering, fleet, &words, &out);
    assert_string_equal(out.bytes, expected);
}

static void one_message_is_explained(void **state)
{
    struct pgcensus_fleet fleet = {.n = 0};
    add_wrong(&fleet, "ERROR: no column", "here", 8);
    add_wrong(&fleet, "ERROR: no column", "here", 8);
    assert_lines(&fleet, false,
                 "pgcensus: 2 nodes: ERROR: no column: n[0-1]\n"
                 "LINE 1: select nam\n"
                 "               ^\n"
                 "DETAIL: here\n");
}

static void of_several_only_the_place(void **state)
{
    struct pgcensus_fleet fleet = {.n = 0};
    add_wrong(&fleet, "ERROR: none", "d0", 0);
    add_wrong(&fleet, "ERROR: one", "d1", 8);
    add_wrong(&fleet, "ERROR: two", "d2", 8);
    add_wrong(&fleet, "ERROR: three", "d3", 1);
    assert_lines(&fleet, false,
                 "pgcensus: n0: ERROR: none\n"
                 "pgcensus: n1: ERROR: one\n"
                 "LINE 1: select nam\n"
                 "               ^\n"
                 "pgcensus: n2: ERROR: two\n"
                 "pgcensus: n3: ERROR: three\n");
    assert_lines(&fleet, true,
                 "pgcensus: n0: ERROR: none\n"
                 "DETAIL: d0\n"
                 "pgcensus: n1: ERROR: one\n"
                 "LINE 1: select nam\n"
                 "               ^\n"
                 "DETAIL: d1\n"
                 "pgcensus: n2: ERROR: two\n"
                 "DETAIL: d2\n"
                 "pgcensus: n3: ERROR: three\n"
                 "LINE 1: select nam\n"
                 "        ^\n"
                 "DETAIL: d3\n");
}

/* The words of one are not those of the others. */
static void different_words_of_one_message(void **state)
{
    struct pgcensus_fleet fleet = {.n = 0};
    add_wrong(&fleet, "ERROR: twice", "a", 0);
    add_wrong(&fleet, "ERROR: twice", "b", 0);
    add_wrong(&fleet, "ERROR: twice", NULL, 0);
    assert_lines(&fleet, false, "pgcensus: 3 nodes: ERROR: twice: n[0-2]\n");
    assert_lines(&fleet, true,
                 "pgcensus: 3 nodes: ERROR: twice: n[0-2]\n"
                 "n0: DETAIL: a\n"
                 "n1: DETAIL: b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_problems_are_no_lines),
        cmocka_unit_test(ten_stand_alone),
        cmocka_unit_test(addresses_make_no_difference),
        cmocka_unit_test(one_class_with_many_words),
        cmocka_unit_test(phases_are_never_mixed),
        cmocka_unit_test(statuses_are_never_mixed),
        cmocka_unit_test(one_message_is_explained),
        cmocka_unit_test(of_several_only_the_place),
        cmocka_unit_test(different_words_of_one_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
