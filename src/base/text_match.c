/* Matches words that a user typed: the nearest known word, and glob patterns. */
#include "base/text.h"

#include <string.h>

enum {
    LONGEST_WORD = 64,
    /* Distances count halves, so that a wrong case is a smaller mistake. */
    ONE_EDIT = 2,
    WRONG_CASE = 1,
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned cost_of(char a, char b)
{
    return a == b ? 0 : lower(a) == lower(b) ? WRONG_CASE : ONE_EDIT;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance in which no piece is edited twice: insertions,
 * deletions, substitutions, and swapped neighbours.  rows holds the last three
 * lines of the table. */
static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    unsigned rows[3][LONGEST_WORD + 1];

    for (size_t j = 0; j <= n_b; j++)
        rows[0][j] = (unsigned)j * ONE_EDIT;
    for (size_t i = 1; i <= n_a; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3], *before_that = rows[(i + 1) % 3];
        now[0] = (unsigned)i * ONE_EDIT;
        for (size_t j = 1; j <= n_b; j++) {
            unsigned best = before[j - 1] + cost_of(a[i - 1], b[j - 1]);
            best = smaller(best, before[j] + ONE_EDIT);
            best = smaller(best, now[j - 1] + ONE_EDIT);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller(best, before_that[j - 2] + ONE_EDIT);
            now[j] = best;
        }
    }
    return rows[n_a % 3][n_b];
}

const char *text_closest(const char *word, const char *const *candidates, size_t n)
{
    size_t length = strlen(word);
    if (length > LONGEST_WORD)
        return NULL;

    unsigned limit = ONE_EDIT * smaller(1 + (unsigned)length / 3, 3);
    const char *closest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > LONGEST_WORD)
            continue;
        unsigned edits = distance(word, length, candidates[i], candidate_length);
        if (edits < limit || (edits == limit && !closest)) {
            closest = candidates[i];
            limit = edits;
        }
    }
    return closest;
}

bool text_is_glob(const char *pattern)
{
    return strpbrk(pattern, "*?[") != NULL;
}

/* Whether c is in the set that starts behind "["; *ret_end is set behind "]".  Without
 * a closing bracket there is no set and false is returned with *ret_end untouched. */
static bool in_set(const char *set, char c, const char **ret_end)
{
    bool negated = *set == '!' || *set == '^', found = false;
    const char *at = set + negated, *first = at;

    for (; *at && (*at != ']' || at == first); at++) {
        char low = *at, high = low;
        if (at[1] == '-' && at[2] && at[2] != ']') {
            high = at[2];
            at += 2;
        }
        found |= (unsigned char)low <= (unsigned char)c &&
                 (unsigned char)c <= (unsigned char)high;
    }
    if (!*at)
        return false;
    *ret_end = at + 1;
    return found != negated;
}

/* Whether the pattern's first element, which is no star, covers c; *ret_rest is set
 * behind that element if so. */
static bool covers(const char *pattern, char c, const char **ret_rest)
{
    const char *end = NULL;
    bool covered = *pattern == '?' || *pattern == c;

    if (*pattern == '[') {
        bool member = in_set(pattern + 1, c, &end);
        if (end)
            covered = member;
    }
    if (covered)
        *ret_rest = end ? end : pattern + 1;
    return covered;
}

/* On a mismatch only the last star takes one character more, so the time is
 * never exponential. */
bool text_glob(const char *pattern, const char *name)
{
    const char *star = NULL, *retry = NULL;

    while (*name) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = name;
        } else if (*pattern && covers(pattern, *name, &pattern)) {
            name++;
        } else if (star) {
            pattern = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
