#include "query/reduce_program.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

AUTO_DEFINE(sqlite3_stmt *, sqlite3_finalize)

enum { OPCODE = 1, P1, P2, P3, P4 };

void program_fini(struct reduce_program *program)
{
    for (size_t i = 0; i < program->n; i++) {
        free(program->steps[i].opcode);
        free(program->steps[i].p4);
    }
    free(program->steps);
}

static char *copy_column(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return strdup(text ? text : "");
}

/* False: no memory. */
static bool add_step(struct reduce_program *program, sqlite3_stmt *statement)
{
    if (!memory_grow(&program->steps, &program->cap, program->n,
                     sizeof *program->steps))
        return false;
    struct step *step = &program->steps[program->n++];
    *step = (struct step){copy_column(statement, OPCODE), copy_column(statement, P4),
                          sqlite3_column_int(statement, P1),
                          sqlite3_column_int(statement, P2),
                          sqlite3_column_int(statement, P3)};
    return step->opcode && step->p4;
}

/* Semicolons, comments and blanks in front of a statement are part of its text. */
static const char *program_skip_nothing(const char *sql)
{
    for (;;) {
        const char *end;
        sql += strspn(sql, " \t\r\n\f;");
        if (strncmp(sql, "--", 2) == 0)
            sql += strcspn(sql, "\n");
        else if (strncmp(sql, "/*", 2) == 0)
            sql = (end = strstr(sql + 2, "*/")) ? end + 2 : sql + strlen(sql);
        else
            return sql;
    }
}

bool program_read(sqlite3 *db, const char *sql, struct reduce_program *program)
{
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    AUTO(free) char *explain = memory_format("EXPLAIN %s", program_skip_nothing(sql));
    if (!explain || sqlite3_prepare_v2(db, explain, -1, &statement, NULL) != SQLITE_OK)
        return false;
    while (sqlite3_step(statement) == SQLITE_ROW)
        if (!add_step(program, statement))
            return false;
    return true;
}

bool step_is(const struct step *step, const char *const *words)
{
    while (*words && strcmp(step->opcode, *words) != 0)
        words++;
    return *words;
}
