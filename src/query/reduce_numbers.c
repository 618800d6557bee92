/* Doubles, and the decimals that they stand for.
 *
 * A hash table by the bits of the double, open, half full at most, holds those whose
 * text is not what printing the double gives: long ones, and those with zeros at their
 * end.  Invariant: a long number lies strictly between the doubles of the two decimals
 * of 15 digits around it, and the long ones between those are in order.
 *
 * The surprise: nothing is ever moved, because rows with the double are in the database
 * already; so a number that comes late may find no room where there had been some. */
#include "query/reduce_numbers.h"

#include "base/memory.h"
#include "query/reduce_short.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64, MOST_STEPS = 128 };

static const int64_t exact_integers = (int64_t)1 << 53; /* doubles have them all */

struct number_slot {
    double real;
    size_t text; /* from 1; 0: empty */
};

struct reduce_numbers {
    struct number_slot *slots;
    size_t n, n_slots; /* a power of 2 */
    struct buf texts;
    bool any, nan;
    size_t scale;
    bool large_integers; /* beyond 2^53, as integers */
    bool large_reals;    /* among them, and not what the double is */
};

struct reduce_numbers *reduce_numbers_new(void)
{
    AUTO(reduce_numbers_free)
    struct reduce_numbers *numbers = memory_new(struct reduce_numbers);
    if (!numbers)
        return NULL;
    numbers->texts = BUF_INIT;
    buf_add_char(&numbers->texts, '\0'); /* so that no text begins at 0 */
    numbers->n_slots = FIRST_SLOTS;
    numbers->slots = memory_array(numbers->n_slots, sizeof *numbers->slots);
    return numbers->slots && !numbers->texts.broken ? take_ptr(numbers) : NULL;
}

void reduce_numbers_free(struct reduce_numbers *numbers)
{
    if (!numbers)
        return;
    free(numbers->slots);
    buf_fini(&numbers->texts);
    free(numbers);
}

/* ---- the table ---- */

static struct number_slot *find_number(struct number_slot *slots, size_t n_slots,
                                       double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    bits ^= bits >> 32; /* the lower half of short numbers is 0 */
    for (size_t at = (bits * 0x9e3779b97f4a7c15) >> 32;; at++) {
        struct number_slot *slot = &slots[at & (n_slots - 1)];
        if (!slot->text || slot->real == real)
            return slot;
    }
}

const char *reduce_numbers_text(const struct reduce_numbers *numbers, double real)
{
    const struct number_slot *slot =
        find_number(numbers->slots, numbers->n_slots, real + 0.0);
    return slot->text ? numbers->texts.bytes + slot->text : NULL;
}

static bool grow_numbers(struct reduce_numbers *numbers)
{
    if (2 * (numbers->n + 1) <= numbers->n_slots)
        return true;
    struct number_slot *slots = memory_array(2 * numbers->n_slots, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < numbers->n_slots; i++)
        if (numbers->slots[i].text)
            *find_number(slots, 2 * numbers->n_slots, numbers->slots[i].real) =
                numbers->slots[i];
    free(numbers->slots);
    numbers->slots = slots;
    numbers->n_slots *= 2;
    return true;
}

/* Of two texts of one number the first is kept. */
static struct reduce_number keep_number(struct reduce_numbers *numbers, double real,
                                        const char *text, size_t n)
{
    static const struct reduce_number no_memory = {.kind = REDUCE_NO_MEMORY};
    real += 0.0; /* -0.0 is 0.0 */
    if (!grow_numbers(numbers))
        return no_memory;
    struct number_slot *slot = find_number(numbers->slots, numbers->n_slots, real);
    if (!slot->text) {
        size_t at = numbers->texts.len;
        buf_add(&numbers->texts, text, n);
        buf_add_char(&numbers->texts, '\0');
        if (numbers->texts.broken)
            return no_memory;
        *slot = (struct number_slot){real, at};
        numbers->n++;
    }
    return (struct reduce_number){.kind = REDUCE_REAL, .real = real};
}

/* ---- long numbers ---- */

/* The doubles of the decimals of 15 digits around a magnitude. */
static bool look_around(const struct decimal *number, double *ret_low, double *ret_high)
{
    const struct buf *digits = &number->digits;
    size_t first = strspn(digits->bytes, "0");
    long exponent =
        (long)digits->len - (long)number->scale - (long)first - REDUCE_SHORT_DIGITS;
    long long leading = 0;
    char text[48];
    for (size_t i = 0; i < REDUCE_SHORT_DIGITS; i++)
        leading = leading * 10 +
                  (first + i < digits->len ? digits->bytes[first + i] - '0' : 0);
    snprintf(text, sizeof text, "%llde%ld", leading, exponent);
    *ret_low = strtod(text, NULL);
    snprintf(text, sizeof text, "%llde%ld", leading + 1, exponent);
    *ret_high = strtod(text, NULL);
    return *ret_low > 0 && isfinite(*ret_high);
}

/* Narrows the room down by what is there already; same: it is. */
static bool look_for_neighbours(const struct reduce_numbers *numbers,
                                const struct decimal *number, double *low, double *high,
                                double *ret_same)
{
    double sign = number->negative ? -1 : 1, real = *low;
    for (int i = 0; i < MOST_STEPS && (real = nextafter(real, *high)) < *high; i++) {
        AUTO(decimal_fini) struct decimal other = DECIMAL_ZERO;
        const char *text = reduce_numbers_text(numbers, sign * real);
        if (!text || !decimal_read(&other, text, strlen(text)))
            continue;
        int order = decimal_compare(number, &other) * (number->negative ? -1 : 1);
        *ret_same = sign * real;
        if (order == 0)
            return true;
        *(order > 0 ? low : high) = real;
    }
    return false;
}

static void note_real(struct reduce_numbers *numbers, double real)
{
    double size = fabs(real);
    numbers->large_reals |= size >= (double)exact_integers && size < 0x1p63;
}

static struct reduce_number place_long(struct reduce_numbers *numbers, const char *text,
                                       size_t n)
{
    AUTO(decimal_fini) struct decimal number = DECIMAL_ZERO;
    double low, high, same;
    if (!decimal_read(&number, text, n))
        return (struct reduce_number){.kind = REDUCE_NONE};
    if (number.digits.broken)
        return (struct reduce_number){.kind = REDUCE_NO_MEMORY};
    if (!look_around(&number, &low, &high))
        return (struct reduce_number){.kind = REDUCE_CROWDED};
    if (look_for_neighbours(numbers, &number, &low, &high, &same))
        return (struct reduce_number){.kind = REDUCE_REAL, .real = same};
    double real = fabs(strtod(text, NULL));
    double least = nextafter(low, high), most = nextafter(high, low);
    if (!(least < high) || !(most > low) || least > most)
        return (struct reduce_number){.kind = REDUCE_CROWDED};
    if (real < least || real > most) /* leave room on either side */
        real = low + (high - low) / 2;
    real = real < least ? least : real > most ? most : real;
    note_real(numbers, real);
    return keep_number(numbers, number.negative ? -real : real, text, n);
}

/* ---- any number ---- */

static struct reduce_number place_word(struct reduce_numbers *numbers, const char *text,
                                       size_t n)
{
    AUTO(decimal_fini) struct decimal number = DECIMAL_ZERO;
    if (!decimal_read(&number, text, n))
        return (struct reduce_number){.kind = REDUCE_NONE};
    switch (number.kind) {
    case DECIMAL_NAN:
        reduce_numbers_note_nan(numbers);
        return (struct reduce_number){.kind = REDUCE_NAN};
    case DECIMAL_INFINITE:
        return (struct reduce_number){.kind = REDUCE_REAL,
                                      .real = number.negative ? -INFINITY : INFINITY};
    case DECIMAL_FINITE: /* with an exponent: a float, which is its double */
        break;
    }
    return (struct reduce_number){.kind = REDUCE_REAL, .real = strtod(text, NULL)};
}

static bool number_integer(const char *text, int64_t *ret_integer)
{
    char *end;
    errno = 0;
    *ret_integer = strtoll(text, &end, 10);
    return !errno && *end == '\0';
}

struct reduce_number reduce_numbers_place(struct reduce_numbers *numbers,
                                          const char *text, size_t n,
                                          enum reduce_place as)
{
    struct reduce_plain plain;
    int64_t integer;
    double quick;
    if (reduce_read_quickly(text, n, as == REDUCE_AS_SCALED, &quick))
        return (struct reduce_number){.kind = REDUCE_REAL, .real = quick};
    if (!reduce_read_plain(text, n, &plain))
        return place_word(numbers, text, n);
    if (as == REDUCE_AS_COUNT && !plain.point && number_integer(text, &integer)) {
        reduce_numbers_note_integer(numbers, integer);
        return (struct reduce_number){.kind = REDUCE_INTEGER, .integer = integer};
    }
    if (plain.n_digits > REDUCE_SHORT_DIGITS)
        return place_long(numbers, text, n);
    double real = reduce_make_short(&plain, text);
    if (!isfinite(real) || (real == 0 && plain.digits > 0))
        return (struct reduce_number){.kind = REDUCE_CROWDED};
    if (!reduce_prints_itself(&plain, as == REDUCE_AS_SCALED))
        return keep_number(numbers, real, text, n);
    return (struct reduce_number){.kind = REDUCE_REAL, .real = real};
}

void reduce_numbers_note_integer(struct reduce_numbers *numbers, int64_t integer)
{
    numbers->large_integers |= integer > exact_integers || integer < -exact_integers;
}

bool reduce_numbers_clash(const struct reduce_numbers *numbers)
{
    return numbers->large_integers && numbers->large_reals;
}

void reduce_numbers_note_nan(struct reduce_numbers *numbers)
{
    numbers->nan = true;
}

void reduce_numbers_expect(struct reduce_numbers *numbers)
{
    numbers->any = true;
}

bool reduce_numbers_keep(struct reduce_numbers *numbers, double real, const char *text,
                         size_t n)
{
    return keep_number(numbers, real, text, n).kind != REDUCE_NO_MEMORY;
}

void reduce_numbers_scale(struct reduce_numbers *numbers, size_t scale)
{
    numbers->scale = scale;
}

size_t reduce_numbers_scaled(const struct reduce_numbers *numbers)
{
    return numbers->scale;
}

bool reduce_numbers_any(const struct reduce_numbers *numbers)
{
    return numbers->any;
}

bool reduce_numbers_nan(const struct reduce_numbers *numbers)
{
    return numbers->nan;
}
