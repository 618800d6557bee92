/* Which double of SQLite stands for which decimal number.
 *
 * SQLite has integers of 64 bits and doubles, and compares values of one column rightly
 * only if all are such numbers.  A decimal of up to 15 digits has a double of its own.
 * A longer one gets one near it that nobody else has, between the two decimals of 15
 * digits on either side and in its place among those that have got one there: so they
 * sort, compare, group and join by value, and the text that came is looked up when the
 * double comes out again.  Where there is no room left the number is refused. */
#ifndef QUERY_REDUCE_NUMBERS_H
#define QUERY_REDUCE_NUMBERS_H

#include "base/decimal.h"

#include <stdint.h>

struct reduce_number {
    enum reduce_number_kind {
        REDUCE_INTEGER,
        REDUCE_REAL,
        REDUCE_NAN,     /* kept as text, which is above all numbers, as NaN is */
        REDUCE_NONE,    /* the text is no number */
        REDUCE_CROWDED, /* no double is left for it */
        REDUCE_NO_MEMORY,
    } kind;
    int64_t integer;
    double real;
};

struct reduce_numbers;

struct reduce_numbers *reduce_numbers_new(void); /* NULL: no memory */
void reduce_numbers_free(struct reduce_numbers *numbers);
AUTO_DEFINE(struct reduce_numbers *, reduce_numbers_free)

/* How a number is taken. */
enum reduce_place {
    REDUCE_AS_REAL,
    REDUCE_AS_COUNT,  /* an integer if it is written as one and fits into 64 bits */
    REDUCE_AS_SCALED, /* a double, and the zeros at its end need not be remembered */
};

/* PostgreSQL's text of a numeric. */
struct reduce_number reduce_numbers_place(struct reduce_numbers *numbers,
                                          const char *text, size_t n,
                                          enum reduce_place as);
/* The text of a double from now on, if it has none.  False: no memory. */
bool reduce_numbers_keep(struct reduce_numbers *numbers, double real, const char *text,
                         size_t n);
/* An integer beyond 2^53 is about; place() has to know before it is asked for its
 * verdict. */
void reduce_numbers_note_integer(struct reduce_numbers *numbers, int64_t integer);
/* Some number may be taken for such an integer, so nothing can be compared. */
bool reduce_numbers_clash(const struct reduce_numbers *numbers);

/* As it came; NULL: as any other double. */
const char *reduce_numbers_text(const struct reduce_numbers *numbers, double real);
/* There is a column of numerics, so what is added up is a decimal where it can be. */
void reduce_numbers_expect(struct reduce_numbers *numbers);
bool reduce_numbers_any(const struct reduce_numbers *numbers);
/* All numerics have so many digits behind the point, if they are scaled; 0 at first. */
void reduce_numbers_scale(struct reduce_numbers *numbers, size_t scale);
size_t reduce_numbers_scaled(const struct reduce_numbers *numbers);
/* NaN is kept as text; whether one was. */
void reduce_numbers_note_nan(struct reduce_numbers *numbers);
bool reduce_numbers_nan(const struct reduce_numbers *numbers);

#endif
