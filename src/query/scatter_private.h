/* The inside of query/scatter.h, shared by its files and nobody else.
 *
 *   scatter.c        who is asked when, and what becomes of those that are done
 *   scatter_take.c   what comes out, in which order
 *   scatter_reader.c how long a reader is waited for
 *   scatter_share.c  what the limits of the whole run leave to each */
#ifndef QUERY_SCATTER_PRIVATE_H
#define QUERY_SCATTER_PRIVATE_H

#include "query/question.h"
#include "query/scatter.h"

/* What a run may have a limit of. */
enum resource { ROWS, BYTES, RESOURCES };
enum { LIMIT_WORDS = 64 };

/* A node's place: everything that is known of it besides its configuration. */
struct query_slot {
    struct question *question;       /* NULL: not begun, or has come out */
    struct rowset *shape;            /* of its answer, once it has come out */
    struct pgcensus_notices notices; /* once it has come out, until they are taken */
    size_t given[RESOURCES];         /* what has come out */
    size_t place;                    /* settled: in scatter->needs */
    bool settled;                    /* its question is done for good */
    bool taken;                      /* it has come out */
    bool cut;                        /* by a limit of the whole run: */
    enum resource cut_by;            /* this one */
};

struct scatter {
    struct task task;
    struct engine *engine;
    struct roster *roster; /* as it was when the query began */
    struct plan plan;
    struct launch launch;     /* of questions */
    struct list settled;      /* questions */
    struct query_slot *slots; /* by index; a vacant one is taken */
    nsec deadline;            /* of everything; NEVER: none */

    size_t first;   /* any: whose turn it is */
    size_t n_begun; /* any: all of them as soon as nobody is left; else a cursor */

    bool ended; /* nothing is begun any more, because: */
    enum pgcensus_class ended_class;
    enum pgcensus_subject ended_subject;
    char reason[192];

    /* what comes out */
    size_t head;     /* next one in order, or next one to be looked at */
    size_t disabled; /* cursor */
    size_t known;    /* of all before it the shape is known, or never will be */
    size_t n_taken;
    struct pgcensus_query_result result; /* of the node that came out last */
    struct task reader;                  /* waits for whoever is slow */
    bool released;

    /* how limits are shared */
    size_t *needs[RESOURCES]; /* of those that are settled, in no order */
    size_t n_known, n_open;   /* how many are, and how many enabled ones are not */
    size_t levels[RESOURCES]; /* see share_level() */
    bool levels_known;
};

static inline struct question *question_of(struct launch_entry *entry)
{
    return container_of(entry, struct question, entry);
}

/* The same of a link of that entry. */
static inline struct question *question_at(struct list_node *link)
{
    return container_of(link, struct question, entry.link);
}

static inline struct node *scatter_node(const struct scatter *scatter, size_t at)
{
    return scatter->roster->nodes[at];
}

/* Nothing is under way, and nothing will be any more. */
static inline bool scatter_is_over(const struct scatter *scatter)
{
    bool begun = scatter->ended || scatter->n_begun == scatter->roster->n;
    return begun && scatter->launch.under_way.n == 0 &&
           scatter->launch.deferred.n == 0 && scatter->launch.finished.n == 0;
}

/* It has not begun, or has to once more, and cannot now: all jobs are taken. */
static inline bool scatter_keeps_out(const struct scatter *scatter,
                                     const struct question *question)
{
    return question ? question->entry.is_deferred && !launch_has_room(&scatter->launch)
                    : !launch_has_place(&scatter->launch);
}

/* scatter_reader.c */
void reader_init(struct scatter *scatter);

/* scatter_share.c */
bool share_init(struct scatter *scatter); /* false: no memory */
void share_fini(struct scatter *scatter);
/* The question of that slot is done for good. */
void share_settle(struct scatter *scatter, struct query_slot *slot);
/* Where rows are held: cuts those that have most while more is kept than may be. */
void share_collect(struct scatter *scatter);
/* Its next rows may come out. */
bool share_allows(struct scatter *scatter, const struct question *question);
/* Where rows flow, of one that is not allowed: nor will it be, whatever others do. */
bool share_is_over(struct scatter *scatter, const struct question *question);
/* Leaves it those of its next rows that it may have all the same, and ends it if those
 * are not all. */
void share_cut(struct scatter *scatter, struct question *question);
/* "more than 15 rows in all (max_rows)" */
void share_say_cut(const struct scatter *scatter, const struct query_slot *slot,
                   char text[LIMIT_WORDS]);

#endif
