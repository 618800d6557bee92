/* Statements that take a moment, an interval or money for a number.
 *
 * In SQLite they are text, and text in arithmetic is the number that it begins with, or
 * 0: max(seen) - min(seen) would be 0, and the interval '2 days' times 2 would be 4.
 * And what comes out of two subqueries is compared as text, whatever it was.  So the
 * program that SQLite made of the statement is followed: which register holds a value
 * of such a column, through copies, min(), max() and the like, sorters and tables.
 *
 * It is followed from top to bottom, with all jumps forward, and again as long as
 * something new comes to be in a table.  What is not known here ends a trail.
 *
 * The surprise: a register is used again for another value, so each step that writes
 * one has to be known, or a sound statement would be refused. */
#include "query/reduce_private.h"

#include "base/error.h"
#include "base/memory.h"
#include "query/reduce_program.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

AUTO_DEFINE(sqlite3_stmt *, sqlite3_finalize)

/* Larger programs are not followed. */
enum { MOST_REGISTERS = 20000, MOST_STATE = 8 << 20, MOST_PASSES = 8 };
enum { MOST_MARKS = 4096 };

/* Of a column of r, from 1; 0: of none. */
typedef uint16_t origin;

/* A column of a cursor, or of the record in a register, that holds values of one. */
struct mark {
    int place, at;
    origin from;
};

struct flow {
    struct reduce_compare *compare;
    const struct program *program;
    int root; /* page of r */
    size_t n_registers;
    origin *registers;
    origin **arrivals; /* by step: registers of those who jump there; NULL: nobody */
    struct mark marks[MOST_MARKS];
    size_t n_marks;
    bool no_memory;
};

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

/* ---- registers, and what is in tables ---- */

static origin get(const struct flow *flow, int reg)
{
    return reg >= 0 && (size_t)reg < flow->n_registers ? flow->registers[reg] : 0;
}

static void set(struct flow *flow, int reg, origin from)
{
    if (reg >= 0 && (size_t)reg < flow->n_registers)
        flow->registers[reg] = from;
}

static int record_in(int reg)
{
    return -1 - reg;
}

static origin marked(const struct flow *flow, int place, int at)
{
    for (size_t i = 0; i < flow->n_marks; i++)
        if (flow->marks[i].place == place && flow->marks[i].at == at)
            return flow->marks[i].from;
    return 0;
}

static void mark(struct flow *flow, int place, int at, origin from)
{
    if (from && flow->n_marks < MOST_MARKS && !marked(flow, place, at))
        flow->marks[flow->n_marks++] = (struct mark){place, at, from};
}

static void copy_marks(struct flow *flow, int from, int to)
{
    for (size_t i = 0; i < flow->n_marks; i++)
        if (flow->marks[i].place == from)
            mark(flow, to, flow->marks[i].at, flow->marks[i].from);
}

static void make_record(struct flow *flow, const struct step *step)
{
    size_t kept = 0;
    for (size_t i = 0; i < flow->n_marks; i++)
        if (flow->marks[i].place != record_in(step->p3))
            flow->marks[kept++] = flow->marks[i];
    flow->n_marks = kept;
    for (int i = 0; i < step->p2 && i < MOST_REGISTERS; i++)
        mark(flow, record_in(step->p3), i, get(flow, step->p1 + i));
    set(flow, step->p3, 0);
}

/* ---- columns ---- */

/* Whether its text is not what it says as a number, nor in the order of its bytes. */
static bool is_special(const struct reduce_column *column)
{
    return column->shape == REDUCE_SHAPE_TEXT && column->way == REDUCE_BY_ORDER &&
           column->order != ORDER_BYTES && column->order != ORDER_PADDED;
}

static bool has_special(const struct reduce_compare *compare)
{
    for (size_t i = 0; i < compare->n; i++)
        if (is_special(&compare->columns[i]))
            return true;
    return false;
}

static void open_table(struct flow *flow, const struct step *step)
{
    const struct reduce_compare *compare = flow->compare;
    for (size_t i = 0; i < compare->n && step->p2 == flow->root; i++)
        if (is_special(&compare->columns[i]))
            mark(flow, step->p1, (int)i + REDUCE_OWN_COLUMNS, (origin)(i + 1));
}

static void refuse(struct flow *flow, origin from, const char *why)
{
    if (from)
        reduce_refuse_column(flow->compare, from - 1u, why);
}

static const char no_number[] = "is no number here";

/* ---- steps ---- */

static bool calls(const struct step *step, const char *const *names)
{
    size_t n = strcspn(step->p4, "(");
    while (*names && (strlen(*names) != n || strncmp(step->p4, *names, n) != 0))
        names++;
    return *names;
}

/* SQLite does not understand a zone of two digits, nor any length. */
static bool is_moment_of_sqlite(const struct flow *flow, origin from)
{
    enum order order = from ? flow->compare->columns[from - 1].order : ORDER_DATE;
    return order == ORDER_DATE || order == ORDER_TIMESTAMP || order == ORDER_TIME;
}

static void step_function(struct flow *flow, const struct step *step)
{
    static const char *const keep[] = {"max",    "min",    "coalesce", "ifnull",
                                       "nullif", "likely", "unlikely", NULL};
    static const char *const count[] = {"abs", "round", NULL};
    static const char *const tell[] = {"date",      "time",      "datetime",
                                       "julianday", "unixepoch", NULL};
    static const char *const format[] = {"strftime", NULL};
    origin first = get(flow, step->p2), second = get(flow, step->p2 + 1), told = 0;
    if (calls(step, count))
        refuse(flow, first, no_number);
    if (calls(step, tell))
        told = first;
    if (calls(step, format))
        told = second;
    if (!is_moment_of_sqlite(flow, told))
        refuse(flow, told, "is not understood by the functions of SQLite");
    set(flow, step->p3, calls(step, keep) ? first ? first : second : 0);
}

static void step_aggregate(struct flow *flow, const struct step *step)
{
    static const char *const keep[] = {"max",        "min",       "first_value",
                                       "last_value", "nth_value", NULL};
    static const char *const count[] = {"total", NULL};
    origin first = get(flow, step->p2);
    if (calls(step, count))
        refuse(flow, first, no_number);
    if (calls(step, keep) && first)
        set(flow, step->p3, first);
}

/* A collation that was forgotten is BINARY, or has no name. */
static void step_compare(struct flow *flow, const struct step *step)
{
    if (*step->p4 && strncmp(step->p4, "BINARY", 6) != 0)
        return;
    origin from = get(flow, step->p1);
    refuse(flow, from ? from : get(flow, step->p3), "is compared as mere text here");
}

static void step_calculate(struct flow *flow, const struct step *step)
{
    refuse(flow, get(flow, step->p1), no_number);
    refuse(flow, get(flow, step->p2), no_number);
    set(flow, step->p3, 0);
}

static void step_copy(struct flow *flow, const struct step *step)
{
    bool several = strcmp(step->opcode, "Copy") == 0;
    bool moves = strcmp(step->opcode, "Move") == 0;
    bool gives = strcmp(step->opcode, "AggValue") == 0;
    int n = several ? step->p3 + 1 : moves ? step->p3 : 1;
    for (int i = 0; i < n && i < MOST_REGISTERS; i++)
        set(flow, (gives ? step->p3 : step->p2) + i, get(flow, step->p1 + i));
}

static void step_column(struct flow *flow, const struct step *step)
{
    set(flow, step->p3, marked(flow, step->p1, step->p2));
}

static void step_insert(struct flow *flow, const struct step *step)
{
    copy_marks(flow, record_in(step->p2), step->p1);
}

static void step_sorted(struct flow *flow, const struct step *step)
{
    copy_marks(flow, step->p1, step->p3);
}

static void step_same_table(struct flow *flow, const struct step *step)
{
    copy_marks(flow, step->p2, step->p1);
    copy_marks(flow, step->p1, step->p2);
}

static void step_write_p2(struct flow *flow, const struct step *step)
{
    set(flow, step->p2, 0);
}

static void step_write_p3(struct flow *flow, const struct step *step)
{
    set(flow, step->p3, 0);
}

static const struct {
    const char *opcodes[17]; /* and NULL */
    void (*take)(struct flow *flow, const struct step *step);
} takes[] = {
    {{"Column"}, step_column},
    {{"OpenRead"}, open_table},
    {{"OpenDup"}, step_same_table},
    {{"MakeRecord"}, make_record},
    {{"Insert", "IdxInsert", "SorterInsert"}, step_insert},
    {{"SorterData"}, step_sorted},
    {{"Copy", "SCopy", "Move", "AggValue"}, step_copy},
    {{"AggStep", "AggStep1"}, step_aggregate},
    {{"Function", "PureFunc"}, step_function},
    {{"Eq", "Ne", "Lt", "Le", "Gt", "Ge"}, step_compare},
    {{"Add", "Subtract", "Multiply", "Divide", "Remainder", "BitAnd", "BitOr",
      "ShiftLeft", "ShiftRight"},
     step_calculate},
    {{"Concat", "And", "Or"}, step_write_p3},
    {{"Integer", "Int64", "Real", "String", "String8", "Blob", "Not", "BitNot",
      "IsTrue", "Rowid", "IdxRowid", "NewRowid", "Sequence", "Count"},
     step_write_p2},
};

static void take_step(struct flow *flow, const struct step *step)
{
    for (size_t i = 0; i < ARRAY_SIZE(takes); i++)
        if (step_is(step, takes[i].opcodes))
            takes[i].take(flow, step);
}

/* ---- the whole ---- */

static void unite(origin *to, const origin *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = to[i] ? to[i] : from[i];
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
    if (!*arrival)
        *arrival = memory_array(flow->n_registers, sizeof **arrival);
    if (*arrival)
        unite(*arrival, flow->registers, flow->n_registers);
    else
        flow->no_memory = true;
}

static void follow(struct flow *flow)
{
    memset(flow->registers, 0, flow->n_registers * sizeof *flow->registers);
    for (size_t i = 0; i < flow->program->n; i++) {
        if (flow->arrivals[i])
            unite(flow->registers, flow->arrivals[i], flow->n_registers);
        take_step(flow, &flow->program->steps[i]);
        note_jump(flow, i);
    }
    forget_arrivals(flow);
}

static size_t count_registers(const struct program *program)
{
    int most = 0;
    for (size_t i = 0; i < program->n; i++) {
        const int all[] = {program->steps[i].p1, program->steps[i].p2,
                           program->steps[i].p3};
        for (size_t j = 0; j < ARRAY_SIZE(all); j++)
            if (all[j] > most && all[j] < MOST_REGISTERS)
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
static bool follow_program(sqlite3 *db, const struct program *program,
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
        follow(flow);
    } while (flow->n_marks != known && ++passes < MOST_PASSES);
    return !flow->no_memory;
}

bool reduce_check_flow(sqlite3 *db, const char *sql, struct reduce_compare *compare,
                       struct pgcensus_error *ret_error)
{
    AUTO(program_fini) struct program program = {0};
    if (!has_special(compare))
        return true;
    if (!program_read(db, sql, &program))
        return reduce_fail(db, ret_error);
    if (!follow_program(db, &program, compare))
        return error_memory(ret_error);
    return !compare->failed || error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                                         "--reduce: %s", compare->message);
}
