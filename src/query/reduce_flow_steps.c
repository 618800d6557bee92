/* What each step of a program does with values of columns.
 *
 * What is not known here ends a trail, but for steps that write a register: that is
 * used again for another value, and a sound statement would be refused. */
#include "query/reduce_flow.h"

#include <string.h>

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

static void mark_flow(struct flow *flow, int place, int at, origin from)
{
    if (from && flow->n_marks < FLOW_MOST_MARKS && !marked(flow, place, at))
        flow->marks[flow->n_marks++] = (struct mark){place, at, from};
}

static void copy_marks(struct flow *flow, int from, int to)
{
    for (size_t i = 0; i < flow->n_marks; i++)
        if (flow->marks[i].place == from)
            mark_flow(flow, to, flow->marks[i].at, flow->marks[i].from);
}

static void make_record(struct flow *flow, const struct step *step)
{
    size_t kept = 0;
    for (size_t i = 0; i < flow->n_marks; i++)
        if (flow->marks[i].place != record_in(step->p3))
            flow->marks[kept++] = flow->marks[i];
    flow->n_marks = kept;
    for (int i = 0; i < step->p2 && i < FLOW_MOST_REGISTERS; i++)
        mark_flow(flow, record_in(step->p3), i, get(flow, step->p1 + i));
    set(flow, step->p3, 0);
}

/* ---- columns ---- */

bool flow_is_special(const struct reduce_column *column)
{
    return column->shape == REDUCE_SHAPE_TEXT && column->way == REDUCE_BY_ORDER &&
           column->order != ORDER_BYTES && column->order != ORDER_PADDED;
}

static bool is_flow_column(origin from)
{
    return from != ORIGIN_NONE && from != ORIGIN_WORD;
}

static bool is_special(const struct flow *flow, origin from)
{
    return is_flow_column(from) && flow_is_special(&flow->compare->columns[from - 1]);
}

static bool is_numeric_flow(const struct flow *flow, origin from)
{
    return is_flow_column(from) && !is_special(flow, from);
}

origin flow_pick(const struct flow *flow, origin a, origin b)
{
    if (a == b || is_special(flow, a))
        return a;
    return is_special(flow, b) ? b : ORIGIN_NONE;
}

static void open_table(struct flow *flow, const struct step *step)
{
    const struct reduce_compare *compare = flow->compare;
    for (size_t i = 0; i < compare->n && step->p2 == flow->root; i++) {
        const struct reduce_column *column = &compare->columns[i];
        if (column->shape != REDUCE_SHAPE_TEXT || flow_is_special(column))
            mark_flow(flow, step->p1, (int)i + REDUCE_OWN_COLUMNS, (origin)(i + 1));
    }
}

static void refuse_step(struct flow *flow, origin from, const char *why)
{
    reduce_refuse_column(flow->compare, from - 1u, why);
}

static void refuse_number(struct flow *flow, origin from)
{
    if (is_special(flow, from))
        refuse_step(flow, from, "is no number here");
}

/* ---- steps ---- */

static bool calls(const struct step *step, const char *const *names)
{
    size_t n = strcspn(step->p4, "(");
    while (*names && (strlen(*names) != n || strncmp(step->p4, *names, n) != 0))
        names++;
    return *names;
}

/* SQLite does not understand a zone of two digits, nor any length. */
static void refuse_moment(struct flow *flow, origin from)
{
    if (!is_special(flow, from))
        return;
    enum order order = flow->compare->columns[from - 1].order;
    if (order != ORDER_DATE && order != ORDER_TIMESTAMP && order != ORDER_TIME)
        refuse_step(flow, from, "is not understood by the functions of SQLite");
}

static void step_function(struct flow *flow, const struct step *step)
{
    static const char *const keep[] = {"max",    "min",    "coalesce", "ifnull",
                                       "nullif", "likely", "unlikely", NULL};
    static const char *const count[] = {"abs", "round", NULL};
    static const char *const tell[] = {"date",      "time",      "datetime",
                                       "julianday", "unixepoch", NULL};
    static const char *const format[] = {"strftime", NULL};
    origin first = get(flow, step->p2), second = get(flow, step->p2 + 1);
    if (calls(step, count))
        refuse_number(flow, first);
    if (calls(step, tell))
        refuse_moment(flow, first);
    if (calls(step, format))
        refuse_moment(flow, second);
    set(flow, step->p3,
        calls(step, keep) ? flow_pick(flow, first, second) : ORIGIN_NONE);
}

static void step_aggregate(struct flow *flow, const struct step *step)
{
    static const char *const keep[] = {"max",        "min",       "first_value",
                                       "last_value", "nth_value", NULL};
    static const char *const count[] = {"total", NULL};
    origin first = get(flow, step->p2);
    if (calls(step, count))
        refuse_number(flow, first);
    if (calls(step, keep) && first)
        set(flow, step->p3, first);
}

/* 't' is not 1, and '-Infinity' is above all numbers. */
static void compare_kinds(struct flow *flow, origin a, origin b)
{
    origin number = is_numeric_flow(flow, a) ? a : b, other = number == a ? b : a;
    if (is_numeric_flow(flow, number) && other == ORIGIN_WORD)
        refuse_step(flow, number, "is compared with a text that is no number");
}

/* A collation that was forgotten is BINARY, or has no name. */
static void step_compare(struct flow *flow, const struct step *step)
{
    origin a = get(flow, step->p1), b = get(flow, step->p3);
    origin special = is_special(flow, a) ? a : b;
    bool forgotten = !*step->p4 || strncmp(step->p4, "BINARY", 6) == 0;
    compare_kinds(flow, a, b);
    if (forgotten && is_special(flow, special))
        refuse_step(flow, special, "is compared as mere text here");
}

/* IN (…) */
static void step_find(struct flow *flow, const struct step *step)
{
    compare_kinds(flow, get(flow, step->p3), marked(flow, step->p1, 0));
}

static void step_calculate(struct flow *flow, const struct step *step)
{
    refuse_number(flow, get(flow, step->p1));
    refuse_number(flow, get(flow, step->p2));
    set(flow, step->p3, ORIGIN_NONE);
}

/* NaN is a text that stands for itself. */
static void step_text(struct flow *flow, const struct step *step)
{
    const char *text = step->p4;
    bool number =
        strpbrk(text, "0123456789") && strspn(text, "+-.0123456789eE ") == strlen(text);
    set(flow, step->p2, number || strcmp(text, "NaN") == 0 ? ORIGIN_NONE : ORIGIN_WORD);
}

static void step_copy(struct flow *flow, const struct step *step)
{
    bool several = strcmp(step->opcode, "Copy") == 0;
    bool moves = strcmp(step->opcode, "Move") == 0;
    bool gives = strcmp(step->opcode, "AggValue") == 0;
    int n = several ? step->p3 + 1 : moves ? step->p3 : 1;
    for (int i = 0; i < n && i < FLOW_MOST_REGISTERS; i++)
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
    {{"Found", "NotFound"}, step_find},
    {{"String", "String8"}, step_text},
    {{"Add", "Subtract", "Multiply", "Divide", "Remainder", "BitAnd", "BitOr",
      "ShiftLeft", "ShiftRight"},
     step_calculate},
    {{"Concat", "And", "Or"}, step_write_p3},
    {{"Integer", "Int64", "Real", "Blob", "Not", "BitNot", "IsTrue", "Rowid",
      "IdxRowid", "NewRowid", "Sequence", "Count"},
     step_write_p2},
};

void flow_take_step(struct flow *flow, const struct step *step)
{
    for (size_t i = 0; i < ARRAY_SIZE(takes); i++)
        if (step_is(step, takes[i].opcodes))
            takes[i].take(flow, step);
}
