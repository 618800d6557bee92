/* Which register of a program holds a value of which column; see reduce_flow.c. */
#ifndef QUERY_REDUCE_FLOW_H
#define QUERY_REDUCE_FLOW_H

#include "query/reduce_private.h"
#include "query/reduce_program.h"

#include <stdint.h>

/* Larger programs are not followed. */
enum { FLOW_MOST_REGISTERS = 20000, FLOW_MOST_MARKS = 4096 };

/* Of a column of r, from 1. */
typedef uint16_t origin;
enum { ORIGIN_NONE, ORIGIN_WORD = UINT16_MAX }; /* a text that is no number */

/* A column of a cursor, or of the record in a register, that holds values of one. */
struct mark {
    int place, at;
    origin from;
};

struct flow {
    struct reduce_compare *compare;
    const struct reduce_program *program;
    int root; /* page of r */
    size_t n_registers;
    origin *registers;
    origin **arrivals; /* by step: registers of those who jump there; NULL: nobody */
    struct mark marks[FLOW_MOST_MARKS];
    size_t n_marks;
    bool no_memory;
};

/* Whether its text is not what it says as a number, nor in the order of its bytes. */
bool flow_is_special(const struct reduce_column *column);
/* What may be either. */
origin flow_pick(const struct flow *flow, origin a, origin b);
/* One step; what must not be done is refused. */
void flow_take_step(struct flow *flow, const struct step *step);

#endif
