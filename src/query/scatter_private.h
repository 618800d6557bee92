/* The inside of query/scatter.h, shared by its files and nobody else.
 *
 *   scatter.c       who is asked when, and what becomes of those that are done
 *   scatter_take.c  what comes out, in which order */
#ifndef QUERY_SCATTER_PRIVATE_H
#define QUERY_SCATTER_PRIVATE_H

#include "query/question.h"
#include "query/scatter.h"

/* A node's place: everything that is known of it besides its configuration. */
struct seat {
    struct question *question;       /* NULL: not begun, or has come out */
    struct rowset *shape;            /* of its answer, once it has come out */
    size_t n_given;                  /* rows that have come out */
    struct pgcensus_notices notices; /* once it has come out, until they are taken */
    unsigned parkings;
    bool settled; /* its question is done for good */
    bool taken;   /* it has come out */
};

struct scatter {
    struct task task;
    struct shard *shard;
    struct plan plan;
    struct question_group group;
    struct list parked, settled; /* questions */
    struct seat *seats;          /* by index: there is one shard */
    unsigned jobs;
    nsec deadline; /* of everything; NEVER: none */

    size_t first;      /* any: whose turn it is */
    size_t n_begun;    /* any: all of them as soon as nobody is left; else a cursor */
    nsec started;      /* when the latest one was */
    nsec parked_until; /* whoever is parked may try again */
    bool alone;        /* one at a time, until one has answered */

    bool ended; /* nothing is begun any more, because: */
    enum pgcensus_class ended_class;
    char reason[192];

    /* what comes out */
    size_t head;     /* next one in order, or next one to be looked at */
    size_t disabled; /* cursor */
    size_t known;    /* of all before it the shape is known, or never will be */
    size_t n_taken;
    size_t rows_left; /* that may still come out; SIZE_MAX: no limit */
    struct pgcensus_query_result result; /* of the node that came out last */
    struct task reader;                  /* waits for whoever is slow */
    bool released;
};

static inline struct question *question_of(struct list_node *link)
{
    return container_of(link, struct question, link);
}

static inline struct node *scatter_node(const struct scatter *scatter, size_t at)
{
    return scatter->shard->nodes[at];
}

/* Nothing is under way, and nothing will be any more. */
static inline bool scatter_is_over(const struct scatter *scatter)
{
    bool begun = scatter->ended || scatter->n_begun == scatter->shard->n_nodes;
    return begun && scatter->group.under_way.n == 0 && scatter->parked.n == 0 &&
           scatter->group.finished.n == 0;
}

#endif
