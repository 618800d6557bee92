/* Problems are sorted so that equal ones are neighbours, first by status and code (the
 * class of the error) and the phase that failed, then by what they say without the
 * address.  A run of more than ten that say the same becomes one item; if what is left
 * of a code and a phase is still more than ten, it becomes one as well and says both.
 * Everything else stands alone, and the items go back into the order of the inventory.
 */
#include "report/gather.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/words.h"

#include <string.h>

enum { MANY = 10 };

struct problem {
    const struct pgcensus_node_result *result;
    size_t position;
    char *detail; /* without the address */
    bool placed;
};

struct problems {
    struct problem *items;
    size_t n;
};

static void problems_fini(struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        free(problems->items[i].detail);
    free(problems->items);
}
AUTO_DEFINE_VALUE(struct problems, problems_fini)

static enum pgcensus_phase phase_of(const struct pgcensus_node_result *result)
{
    return result->failed ? result->failure.phase : PGCENSUS_PHASE_NONE;
}

static int compare_codes(const struct problem *a, const struct problem *b)
{
    int order = (int)a->result->status - (int)b->result->status;
    if (order == 0)
        order = strcmp(problem_code(a->result), problem_code(b->result));
    return order ? order : (int)phase_of(a->result) - (int)phase_of(b->result);
}

static int compare_problems(const void *left, const void *right)
{
    const struct problem *a = left, *b = right;
    int order = compare_codes(a, b);
    if (order == 0)
        order = strcmp(a->detail, b->detail);
    return order ? order : (a->position > b->position) - (a->position < b->position);
}

static char *detail_of(const struct pgcensus_fleet *fleet,
                       const struct pgcensus_node_result *result, bool with_address)
{
    AUTO(buf_fini) struct buf detail = BUF_INIT;
    add_detail(&detail, pgcensus_fleet_node(fleet, result->index), result,
               with_address);
    return buf_take(&detail);
}

static bool collect_problems(const struct pgcensus_fleet *fleet,
                             const struct pgcensus_node_result *const *results,
                             size_t n, struct problems *problems)
{
    problems->items = memory_array(n, sizeof *problems->items);
    if (!problems->items)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!status_is_problem(results[i]->status))
            continue;
        char *detail = detail_of(fleet, results[i], false);
        if (!detail)
            return false;
        problems->items[problems->n++] = (struct problem){results[i], i, detail, false};
    }
    qsort(problems->items, problems->n, sizeof *problems->items, compare_problems);
    return true;
}

/* "timeout (query)": what problems of one code and phase have in common. */
static char *code_of(const struct pgcensus_node_result *result)
{
    AUTO(buf_fini) struct buf code = BUF_INIT;
    buf_add_str(&code, problem_code(result));
    const char *phase = pgcensus_phase_name(phase_of(result));
    if (phase && strcmp(phase, code.bytes) != 0)
        buf_add_format(&code, " (%s)", phase);
    return buf_take(&code);
}

/* Makes one item of those problems that are not placed yet; takes detail. */
static bool place(struct gathering *gathering, size_t *n_members,
                  struct problem *problems, size_t n, char *detail)
{
    AUTO(free) char *owned = detail;
    if (!owned || !memory_grow(&gathering->items, &gathering->cap, gathering->n,
                               sizeof *gathering->items))
        return false;
    struct gathered *item = &gathering->items[gathering->n++];
    item->members = gathering->members + *n_members;
    item->detail = take_ptr(owned);
    for (size_t i = 0; i < n; i++) {
        if (problems[i].placed)
            continue;
        problems[i].placed = true;
        gathering->members[(*n_members)++] = problems[i].result;
        item->n++;
    }
    return true;
}

static size_t count_left(const struct problem *problems, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        left += !problems[i].placed;
    return left;
}

/* All problems of one code and phase. */
static bool gather_code(const struct pgcensus_fleet *fleet, struct gathering *gathering,
                        size_t *n_members, struct problem *problems, size_t n,
                        bool same_statement)
{
    bool is_error =
        same_statement && problems->result->failure.error_class == PGCENSUS_CLASS_QUERY;
    size_t few = is_error ? 1 : MANY;
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n; end++)
            if (strcmp(problems[start].detail, problems[end].detail) != 0)
                break;
        if (end - start > few && !place(gathering, n_members, problems + start,
                                        end - start, strdup(problems[start].detail)))
            return false;
    }
    if (count_left(problems, n) > MANY)
        return place(gathering, n_members, problems, n, code_of(problems->result));
    for (size_t i = 0; i < n; i++)
        if (!problems[i].placed && !place(gathering, n_members, problems + i, 1,
                                          detail_of(fleet, problems[i].result, true)))
            return false;
    return true;
}

static int by_first_member(const void *left, const void *right)
{
    const struct gathered *a = left, *b = right;
    size_t first = a->members[0]->index, second = b->members[0]->index;
    return (first > second) - (first < second);
}

bool gather_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     bool same_statement, struct gathering *ret_gathering)
{
    AUTO(problems_fini) struct problems problems = {0};
    AUTO(gathering_fini) struct gathering gathering = {0};
    size_t n_members = 0;

    gathering.members = memory_array(n, sizeof *gathering.members);
    if (!gathering.members || !collect_problems(fleet, results, n, &problems))
        return false;
    for (size_t start = 0, end; start < problems.n; start = end) {
        for (end = start + 1; end < problems.n; end++)
            if (compare_codes(&problems.items[start], &problems.items[end]) != 0)
                break;
        if (!gather_code(fleet, &gathering, &n_members, problems.items + start,
                         end - start, same_statement))
            return false;
    }
    if (gathering.n > 0)
        qsort(gathering.items, gathering.n, sizeof *gathering.items, by_first_member);
    *ret_gathering = gathering;
    gathering = (struct gathering){0};
    return true;
}

void gathering_fini(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->n; i++)
        free(gathering->items[i].detail);
    free(gathering->items);
    free(gathering->members);
}

void gathered_add_names(const struct gathered *gathered,
                        const struct pgcensus_fleet *fleet, struct buf *out)
{
    AUTO(free) const char **names = memory_array(gathered->n, sizeof *names);
    if (!names) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < gathered->n; i++)
        names[i] = pgcensus_fleet_node(fleet, gathered->members[i]->index)->name;
    text_add_folded(out, names, gathered->n);
}

/* ---- what is said below ---- */

static const struct pgcensus_failure *failure_of(const struct gathered *problem)
{
    return &problem->members[0]->failure;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool explains_alike(const struct pgcensus_failure *a,
                           const struct pgcensus_failure *b)
{
    return same_text(pgcensus_failure_detail(a), pgcensus_failure_detail(b)) &&
           same_text(pgcensus_failure_hint(a), pgcensus_failure_hint(b));
}

/* The words of one member are not said as if they were those of all. */
static bool all_explain_alike(const struct gathered *problem)
{
    for (size_t i = 0; i < problem->n; i++)
        if (!problem->members[i]->failed ||
            !explains_alike(&problem->members[i]->failure, failure_of(problem)))
            return false;
    return true;
}

static bool fails_in_one_place(const struct gathered *problem)
{
    for (size_t i = 1; i < problem->n; i++)
        if (problem->members[i]->failure.position != failure_of(problem)->position)
            return false;
    return true;
}

/* Of so many, each in its own words. */
static void explain_each(const struct gathered *problem,
                         const struct pgcensus_fleet *fleet, struct buf *out)
{
    size_t most = problem->n < MANY ? problem->n : MANY;
    for (size_t i = 0; i < most; i++) {
        AUTO(buf_fini) struct buf words = BUF_INIT;
        explain_words(&problem->members[i]->failure, &words);
        if (words.len > 0)
            buf_add_format(out, "%s: %s",
                           pgcensus_fleet_node(fleet, problem->members[i]->index)->name,
                           words.bytes);
        out->broken |= words.broken;
    }
}

/* Some problem in front of it has shown that place. */
static bool is_shown(const struct gathering *gathering, size_t which)
{
    unsigned position = failure_of(&gathering->items[which])->position;
    for (size_t i = 0; i < which; i++)
        if (failure_of(&gathering->items[i])->position == position &&
            fails_in_one_place(&gathering->items[i]))
            return true;
    return false;
}

/* Another place than the first is for those who want to know all. */
static bool is_first_place(const struct gathering *gathering, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (failure_of(&gathering->items[i])->position > 0)
            return false;
    return true;
}

void gathering_explain(const struct gathering *gathering, size_t which,
                       const struct pgcensus_fleet *fleet,
                       const struct gathering_words *words, struct buf *out)
{
    const struct gathered *problem = &gathering->items[which];
    bool wanted = words->verbose || is_first_place(gathering, which);
    if (wanted && fails_in_one_place(problem) && !is_shown(gathering, which))
        explain_place(&words->source, failure_of(problem), fleet, out);
    if (!words->verbose && gathering->n > 1)
        return;
    if (all_explain_alike(problem))
        explain_words(failure_of(problem), out);
    else if (words->verbose)
        explain_each(problem, fleet, out);
}

void gathering_add_lines(const struct gathering *gathering,
                         const struct pgcensus_fleet *fleet,
                         const struct gathering_words *words, struct buf *out)
{
    for (size_t i = 0; i < gathering->n; i++) {
        const struct gathered *problem = &gathering->items[i];
        buf_add_str(out, "pgcensus: ");
        if (problem->n > 1)
            buf_add_format(out, "%zu nodes: %s: ", problem->n, problem->detail);
        gathered_add_names(problem, fleet, out);
        if (problem->n == 1)
            buf_add_format(out, ": %s", problem->detail);
        buf_add_char(out, '\n');
        gathering_explain(gathering, i, fleet, words, out);
    }
}
