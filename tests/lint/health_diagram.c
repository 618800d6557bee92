/* Prints the table of src/health/state.c as a mermaid state diagram, for the README
 * beside it.  States that share an edge are drawn one by one; mermaid has no sets. */
#include "health/state.h"

#include <stdio.h>

static const char *fact_word(enum health_fact fact)
{
    switch (fact) {
    case HEALTH_SUCCEEDED:
        return "success";
    case HEALTH_FELL:
        return "failure";
    case HEALTH_REFUSED:
        return "refusal";
    case HEALTH_RETRYING:
        return "new attempt";
    case HEALTH_SUSPEND:
        return "suspend";
    case HEALTH_RESUME:
        return "resume";
    case HEALTH_RESET:
        return "reset";
    case HEALTH_REMOVED:
        return "removed";
    case HEALTH_UNTOLD:
        return "told nothing";
    }
    return "?";
}

static void print_row(const struct health_row *row)
{
    for (unsigned i = PGCENSUS_CONNECTING; i <= PGCENSUS_DISCONNECTED; i++) {
        if (!(row->from & 1u << i))
            continue;
        printf("    %s --> %s: %s", pgcensus_state_name((enum pgcensus_state)i),
               pgcensus_state_name(row->to), fact_word(row->fact));
        if (row->condition)
            printf(", %s", row->condition);
        putchar('\n');
    }
}

int main(void)
{
    printf("stateDiagram-v2\n    [*] --> connecting\n");
    struct health_row row;
    for (size_t i = 0; health_row(i, &row); i++)
        print_row(&row);
    printf("    disconnected --> [*]\n");
    return 0;
}
