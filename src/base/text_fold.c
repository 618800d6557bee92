/* Folds many names: pg-1, pg-2, pg-3, pg-7 → pg-[1-3,7].
 *
 * A name is split around its last run of digits.  Names with the same text
 * before and behind it are a family, sorted by number; neighbours in a family
 * become a range.  A range never hides a leading zero: 08, 09, 10 are [08-10],
 * 8, 9, 10 are [8-10], and 9 next to 010 are two entries. */
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

enum { LONGEST_NUMBER = 18 }; /* digits that fit into 64 bits */

struct member {
    const char *name;
    size_t position; /* in the list we were given */
    size_t family;   /* the position of its family's first name */
    size_t prefix_len, n_digits;
    uint64_t number;
};

static bool is_octet_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct member split_word(const char *name, size_t position)
{
    size_t end = strlen(name);
    while (end > 0 && !is_octet_digit(name[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && is_octet_digit(name[start - 1]))
        start--;
    if (end - start > LONGEST_NUMBER)
        start = end;

    struct member member = {
        .name = name,
        .position = position,
        .prefix_len = start,
        .n_digits = end - start,
    };
    if (member.n_digits == 0)
        member.prefix_len = strlen(name);
    for (size_t i = start; i < end; i++)
        member.number = member.number * 10 + (uint64_t)(name[i] - '0');
    return member;
}

static const char *digits_of(const struct member *member)
{
    return member->name + member->prefix_len;
}

static const char *suffix_of(const struct member *member)
{
    return digits_of(member) + member->n_digits;
}

static int compare_sizes(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_families(const struct member *a, const struct member *b)
{
    int order = compare_sizes(a->prefix_len, b->prefix_len);
    if (order == 0)
        order = memcmp(a->name, b->name, a->prefix_len);
    if (order == 0)
        order = compare_sizes(a->n_digits > 0, b->n_digits > 0);
    return order ? order : strcmp(suffix_of(a), suffix_of(b));
}

static int compare_numbers(const struct member *a, const struct member *b)
{
    int order = compare_sizes(a->number, b->number);
    if (order == 0)
        order = compare_sizes(a->n_digits, b->n_digits);
    return order ? order : compare_sizes(a->position, b->position);
}

static int by_kinship(const void *a, const void *b)
{
    int order = compare_families(a, b);
    return order ? order : compare_numbers(a, b);
}

static int by_appearance(const void *a, const void *b)
{
    const struct member *left = a, *right = b;
    int order = compare_sizes(left->family, right->family);
    return order ? order : compare_numbers(left, right);
}

/* Sets every member's family: the position of the family's first name. */
static void name_families(struct member *members, size_t n)
{
    for (size_t start = 0, end; start < n; start = end) {
        size_t first = members[start].position;
        for (end = start + 1; end < n; end++) {
            if (compare_families(&members[start], &members[end]) != 0)
                break;
            if (members[end].position < first)
                first = members[end].position;
        }
        for (size_t i = start; i < end; i++)
            members[i].family = first;
    }
}

static bool has_leading_zero(const struct member *member)
{
    return member->n_digits > 1 && *digits_of(member) == '0';
}

static bool continues(const struct member *first, const struct member *last,
                      const struct member *next)
{
    return next->number == last->number + 1 &&
           (next->n_digits == first->n_digits ||
            (!has_leading_zero(first) && !has_leading_zero(next)));
}

static void add_family(struct buf *buf, const struct member *members, size_t n)
{
    const struct member *one = members;
    if (n == 1) {
        text_add_safe_str(buf, one->name);
        return;
    }
    text_add_safe(buf, one->name, one->prefix_len);
    buf_add_char(buf, '[');
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n; end++)
            if (!continues(&members[start], &members[end - 1], &members[end]))
                break;
        if (start > 0)
            buf_add_char(buf, ',');
        buf_add(buf, digits_of(&members[start]), members[start].n_digits);
        if (end - start > 1) {
            buf_add_char(buf, '-');
            buf_add(buf, digits_of(&members[end - 1]), members[end - 1].n_digits);
        }
    }
    buf_add_char(buf, ']');
    text_add_safe_str(buf, suffix_of(one));
}

void text_add_folded(struct buf *buf, const char *const *names, size_t n)
{
    AUTO(free) struct member *members = memory_array(n, sizeof *members);
    if (!members) {
        buf->broken = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        members[i] = split_word(names[i], i);
    qsort(members, n, sizeof *members, by_kinship);
    name_families(members, n);
    qsort(members, n, sizeof *members, by_appearance);

    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n; end++)
            if (members[end].family != members[start].family ||
                members[start].n_digits == 0)
                break;
        if (start > 0)
            buf_add_str(buf, ", ");
        add_family(buf, members + start, end - start);
    }
}
