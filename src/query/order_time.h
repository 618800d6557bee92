/* Texts of dates, times and intervals → microseconds.  Pure. */
#ifndef QUERY_ORDER_TIME_H
#define QUERY_ORDER_TIME_H

#include "base/decimal.h"

#include <stdbool.h>
#include <stddef.h>

/* How much of a text must be there. */
struct order_form {
    bool loose; /* as people write it */
    bool clock; /* a time of day stands behind the date */
    bool zone;  /* and a zone behind that */
};

/* Since the year 1; the infinities are beyond everything.  False: it is none. */
bool order_read_moment(const char *text, size_t n, struct order_form form,
                       decimal_word *ret_us);
/* As a timestamptz in UTC; no infinity. */
void order_add_moment(decimal_word us, struct buf *text);
/* 14:32:08.114 */
bool order_read_time(const char *text, size_t n, bool loose, decimal_word *ret_us);
/* By length, as PostgreSQL compares: 30 days a month, 24 hours a day. */
bool order_read_interval(const char *text, size_t n, bool loose, decimal_word *ret_us);

#endif
