/* What SQLite made of a statement, as EXPLAIN tells it. */
#ifndef QUERY_REDUCE_PROGRAM_H
#define QUERY_REDUCE_PROGRAM_H

#include "base/auto.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct step {
    char *opcode, *p4;
    int p1, p2, p3;
};

struct reduce_program {
    struct step *steps;
    size_t n, cap;
};

/* False: no memory, or the statement is none. */
bool program_read(sqlite3 *db, const char *sql, struct reduce_program *program);
void program_fini(struct reduce_program *program);
AUTO_DEFINE_VALUE(struct reduce_program, program_fini)

/* One of words, of which NULL is the last. */
bool step_is(const struct step *step, const char *const *words);

#endif
