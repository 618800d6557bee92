/* Statements that put in order what has no order.
 *
 * An enum can be grouped, joined and compared for equality by its text, and its order
 * is known to its server alone.  Both go through one collation, so the program that
 * SQLite made of the statement is looked at: <, min() and max() name their collation
 * there, and so does each sorter.  A sorter whose rows are compared with the one before
 * serves GROUP BY, any other ORDER BY.
 *
 * The surprise: an ORDER BY for which there is no sorter is done by that of GROUP BY;
 * so more of those words than sorters is taken for a use of it.  That refuses a little
 * too much, and never too little. */
#include "query/reduce_private.h"

#include "base/error.h"
#include "query/reduce_program.h"

#include <string.h>

/* min() and max() are told theirs by the step before. */
static bool is_min_or_max(const struct reduce_program *program, size_t at)
{
    for (size_t i = at + 1; i < program->n; i++) {
        const struct step *step = &program->steps[i];
        if (strcmp(step->opcode, "CollSeq") == 0)
            return false;
        if (strncmp(step->p4, "max(", 4) == 0 || strncmp(step->p4, "min(", 4) == 0)
            return true;
        if (strchr(step->p4, '('))
            return false;
    }
    return false;
}

static bool compares_order(const struct reduce_program *program, size_t at)
{
    static const char *const opcodes[] = {"Lt", "Le", "Gt", "Ge", NULL};
    const struct step *step = &program->steps[at];
    return step_is(step, opcodes) ||
           (strcmp(step->opcode, "CollSeq") == 0 && is_min_or_max(program, at));
}

/* ---- sorters ---- */

static const char *sort_key_of(const struct reduce_program *program, int cursor)
{
    static const char *const opcodes[] = {"SorterOpen", "OpenEphemeral", NULL};
    for (size_t i = 0; i < program->n; i++)
        if (program->steps[i].p1 == cursor && step_is(&program->steps[i], opcodes))
            return program->steps[i].p4;
    return "";
}

static bool is_sort(const struct step *step)
{
    static const char *const opcodes[] = {"SorterSort", "Sort", NULL};
    return step_is(step, opcodes);
}

static bool groups(const struct reduce_program *program, size_t at)
{
    for (size_t i = at + 1; i < program->n; i++) {
        const struct step *step = &program->steps[i];
        if (strcmp(step->opcode, "Compare") == 0)
            return true;
        if (strcmp(step->opcode, "SorterNext") == 0 ||
            strcmp(step->opcode, "Next") == 0)
            return false;
    }
    return false;
}

/* Of the words ORDER BY, wherever they stand. */
static size_t count_orders(const char *sql)
{
    size_t n = 0;
    for (const char *at = sql; *at; at++) {
        if (sqlite3_strnicmp(at, "order", 5) != 0)
            continue;
        at += 5;
        at += strspn(at, " \t\r\n");
        n += sqlite3_strnicmp(at, "by", 2) == 0;
        if (!*at)
            break;
    }
    return n;
}

static bool is_ordered(const struct reduce_program *program, const char *sql,
                       const char *name)
{
    size_t n_sorted = 0;
    bool grouped = false;
    for (size_t i = 0; i < program->n; i++) {
        const struct step *step = &program->steps[i];
        if (strstr(step->p4, name) && compares_order(program, i))
            return true;
        if (!is_sort(step))
            continue;
        bool ours = strstr(sort_key_of(program, step->p1), name);
        if (groups(program, i)) {
            grouped |= ours;
            continue;
        }
        if (ours)
            return true;
        n_sorted++;
    }
    return grouped && n_sorted < count_orders(sql);
}

bool reduce_check_order(sqlite3 *db, const char *sql, struct reduce_compare *compare,
                        struct pgcensus_error *ret_error)
{
    AUTO(program_fini) struct reduce_program program = {0};
    for (size_t i = 0; i < compare->n; i++) {
        struct reduce_column *column = &compare->columns[i];
        char name[24];
        if (column->shape != REDUCE_SHAPE_TEXT || column->way != REDUCE_BY_TEXT)
            continue;
        if (program.n == 0 && !program_read(db, sql, &program))
            return reduce_fail(db, ret_error);
        reduce_collation_name(i, &name);
        if (!is_ordered(&program, sql, name))
            continue;
        reduce_refuse_column(compare, i, "cannot be put in order here");
        return error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE,
                               PGCENSUS_SUBJECT_REDUCE, "reduce: %s", compare->message);
    }
    return true;
}
