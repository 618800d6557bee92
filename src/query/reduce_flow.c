/* Statements that take a moment, an interval or money for a number.
 *
 * In SQLite they are text, and text in arithmetic is the number that it begins with, or
 * 0: max(seen) - min(seen) would be 0, and the interval '2 days' times 2 would be 4.
 * And what comes out of two subqueries is compared as text, whatever it was.  So the
 * program that SQLite made of the statement is followed: which register holds a value
 * of such a column, through copies, min(), max() and the like, sorters and tables.
 *
 * It is followed from top to bottom, with all jumps forward, and again as long as
 * something new comes to be in a table.
 *
 * The surprise: a number and a text that is none are never equal, and text is above all
 * numbers; so a comparison of those two is refused as well. */
#include "query/reduce_flow.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_STATE = 8 << 20, MOST_PASSES = 8 };

static void forget_arrivals(struct flow *flow)
{
    for (size_t i = 0; flow->arrivals && i < flow->program->n; i++)
        free(take_ptr(flow->arrivals[i]));
}

static void flow_free(struct flow *flow)
{
    if (!flow)
        return;
    forget_arrivals(flow);
    free(flow->arrivals);
    free(flow->registers);
    free(flow);
}
AUTO_DEFINE(struct flow *, flow_free)

/* Numbers, or what is text here and is not compared as such. */
static bool flow_has_columns(const struct reduce_compare *compare)
{
    for (size_t i = 0; i < compare->n; i++)
        if (compare->columns[i].shape != REDUCE_SHAPE_TEXT ||
            flow_is_special(&compare->columns[i]))
            return true;
    return false;
}

/* ---- the whole ---- */

static void unite_flows(const struct flow *flow, origin *to, const origin *from)
{
    for (size_t i = 0; i < flow->n_registers; i++)
        to[i] = flow_pick(flow, to[i], from[i]);
}

static void note_jump(struct flow *flow, size_t at)
{
    static const char *const jumps[] = {"Goto", "If",   "IfNot", "IsNull", "NotNull",
                                        "Eq",   "Ne",   "Lt",    "Le",     "Gt",
                                        "Ge",   "Once", NULL};
    const struct step *step = &flow->program->steps[at];
    if (step->p2 <= (int)at || (size_t)step->p2 >= flow->program->n ||
        !step_is(step, jumps))
        return;
    origin **arrival = &flow->arrivals[step->p2];
    if (*arrival) {
        unite_flows(flow, *arrival, flow->registers);
        return;
    }
    *arrival = memory_array(flow->n_registers, sizeof **arrival);
    if (*arrival)
        memcpy(*arrival, flow->registers, flow->n_registers * sizeof **arrival);
    else
        flow->no_memory = true;
}

/* They stand behind all else, and are made first. */
static size_t find_constants(const struct reduce_program *program)
{
    bool begins = program->n > 0 && strcmp(program->steps[0].opcode, "Init") == 0;
    return begins && program->steps[0].p2 > 0 ? (size_t)program->steps[0].p2
                                              : program->n;
}

static void follow_step(struct flow *flow)
{
    memset(flow->registers, 0, flow->n_registers * sizeof *flow->registers);
    for (size_t i = find_constants(flow->program); i < flow->program->n; i++)
        flow_take_step(flow, &flow->program->steps[i]);
    for (size_t i = 0; i < flow->program->n; i++) {
        if (flow->arrivals[i])
            unite_flows(flow, flow->registers, flow->arrivals[i]);
        flow_take_step(flow, &flow->program->steps[i]);
        note_jump(flow, i);
    }
    forget_arrivals(flow);
}

static size_t count_registers(const struct reduce_program *program)
{
    int most = 0;
    for (size_t i = 0; i < program->n; i++) {
        const int all[] = {program->steps[i].p1, program->steps[i].p2,
                           program->steps[i].p3};
        for (size_t j = 0; j < ARRAY_SIZE(all); j++)
            if (all[j] > most && all[j] < FLOW_MOST_REGISTERS)
                most = all[j];
    }
    return (size_t)most + 1;
}

static int find_root(sqlite3 *db)
{
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    static const char sql[] = "SELECT rootpage FROM sqlite_master WHERE name = 'r'";
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        return 0;
    return sqlite3_column_int(statement, 0);
}

/* False: no memory. */
static bool follow_program(sqlite3 *db, const struct reduce_program *program,
                           struct reduce_compare *compare)
{
    size_t n_registers = count_registers(program), known;
    if (program->n * n_registers > MOST_STATE || compare->n >= UINT16_MAX)
        return true;
    AUTO(flow_free) struct flow *flow = memory_new(struct flow);
    if (!flow)
        return false;
    flow->compare = compare;
    flow->program = program;
    flow->root = find_root(db);
    flow->n_registers = n_registers;
    flow->registers = memory_array(n_registers, sizeof *flow->registers);
    flow->arrivals = memory_array(program->n, sizeof *flow->arrivals);
    if (!flow->registers || !flow->arrivals)
        return false;
    int passes = 0;
    do {
        known = flow->n_marks;
        follow_step(flow);
    } while (flow->n_marks != known && ++passes < MOST_PASSES);
    return !flow->no_memory;
}

bool reduce_check_flow(sqlite3 *db, const char *sql, struct reduce_compare *compare,
                       struct pgcensus_error *ret_error)
{
    AUTO(program_fini) struct reduce_program program = {0};
    if (!flow_has_columns(compare))
        return true;
    if (!program_read(db, sql, &program))
        return reduce_fail(db, ret_error);
    if (!follow_program(db, &program, compare))
        return error_memory(ret_error);
    return !compare->failed ||
           error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
                           "reduce: %s", compare->message);
}
