/* Dates, times and intervals as PostgreSQL prints them.
 *
 * Each reader eats a piece from the front of what is left of a text, and a text is good
 * if nothing is left.  Numbers are bounded as they are read, so nothing overflows.
 *
 * The surprise: what is written of an interval with another style is refused even where
 * it could be read, because "-1 2:00:00" means one thing in one style and another one
 * in another. */
#include "query/order_time.h"

#include <stdint.h>
#include <string.h>

enum { US = 1000000, MINUTE = 60, HOUR = 3600, DAY = 86400, MONTH_DAYS = 30 };
enum { MOST_DIGITS = 12, FRACTION_DIGITS = 6 };

struct rest {
    const char *at;
    size_t n;
};

static bool eat_char(struct rest *rest, char c)
{
    if (rest->n == 0 || *rest->at != c)
        return false;
    rest->at++;
    rest->n--;
    return true;
}

static bool eat_word(struct rest *rest, const char *word)
{
    size_t n = strlen(word);
    if (rest->n < n || memcmp(rest->at, word, n) != 0)
        return false;
    rest->at += n;
    rest->n -= n;
    return true;
}

/* How many digits there are; 0: none, or too many of them. */
static size_t eat_digits(struct rest *rest, int64_t *ret_value)
{
    size_t n = 0;
    *ret_value = 0;
    while (n < rest->n && rest->at[n] >= '0' && rest->at[n] <= '9') {
        if (n >= MOST_DIGITS)
            return 0;
        *ret_value = *ret_value * 10 + (rest->at[n++] - '0');
    }
    rest->at += n;
    rest->n -= n;
    return n;
}

static bool eat_number(struct rest *rest, size_t digits, int64_t most, int64_t *ret)
{
    return eat_digits(rest, ret) == digits && *ret <= most;
}

/* ".114" → 114000; true also where there is none. */
static bool eat_fraction(struct rest *rest, int64_t *ret_us)
{
    *ret_us = 0;
    if (!eat_char(rest, '.'))
        return true;
    size_t n = eat_digits(rest, ret_us);
    for (size_t i = n; i < FRACTION_DIGITS; i++)
        *ret_us *= 10;
    return n > 0 && n <= FRACTION_DIGITS;
}

/* Of any number of hours; PostgreSQL writes two digits at least. */
static bool eat_clock(struct rest *rest, bool loose, decimal_word *ret_us)
{
    int64_t hours, minutes, seconds = 0, us = 0;
    size_t n = eat_digits(rest, &hours);
    if (n == 0 || (n < 2 && !loose) || !eat_char(rest, ':') ||
        !eat_number(rest, 2, 59, &minutes))
        return false;
    if (eat_char(rest, ':')
            ? !eat_number(rest, 2, 60, &seconds) || !eat_fraction(rest, &us)
            : !loose)
        return false;
    *ret_us = ((decimal_word)hours * HOUR + minutes * MINUTE + seconds) * US + us;
    return true;
}

bool order_read_time(const char *text, size_t n, bool loose, decimal_word *ret_us)
{
    struct rest rest = {text, n};
    return eat_clock(&rest, loose, ret_us) && rest.n == 0 &&
           *ret_us <= (decimal_word)DAY * US;
}

/* ---- moments ---- */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since the first one of year 0, in the calendar of today for all times, as
 * PostgreSQL has it; year 0 is 1 BC. */
static decimal_word count_days(int64_t year, int64_t month, int64_t day)
{
    int64_t before = year - 1; /* whole years, and how often they leapt */
    int64_t leaps =
        before >= 0 ? before / 4 - before / 100 + before / 400
                    : -((3 - before) / 4) + (99 - before) / 100 - (399 - before) / 400;
    decimal_word days = (decimal_word)before * 365 + leaps;
    for (int64_t i = 1; i < month; i++)
        days += days_of_month(year, i);
    return days + day;
}

struct date {
    int64_t year, month, day;
};

static bool eat_date(struct rest *rest, struct date *date)
{
    return eat_digits(rest, &date->year) >= 4 && eat_char(rest, '-') &&
           eat_number(rest, 2, 12, &date->month) && date->month > 0 &&
           eat_char(rest, '-') && eat_number(rest, 2, 31, &date->day) && date->day > 0;
}

/* "+02", "-03:30", "+00:17:30": how far it is ahead. */
static bool eat_zone(struct rest *rest, int64_t *ret_seconds)
{
    int64_t hours, minutes = 0, seconds = 0;
    bool west = eat_char(rest, '-');
    if (!west && !eat_char(rest, '+'))
        return false;
    if (!eat_number(rest, 2, 24, &hours) ||
        (eat_char(rest, ':') &&
         (!eat_number(rest, 2, 59, &minutes) ||
          (eat_char(rest, ':') && !eat_number(rest, 2, 59, &seconds)))))
        return false;
    *ret_seconds = hours * HOUR + minutes * MINUTE + seconds;
    if (west)
        *ret_seconds = -*ret_seconds;
    return true;
}

static bool read_infinity(const char *text, size_t n, decimal_word *ret_us)
{
    struct rest rest = {text, n};
    bool negative = eat_char(&rest, '-');
    if (!eat_word(&rest, "infinity") || rest.n > 0)
        return false;
    *ret_us = negative ? -((decimal_word)1 << 100) : (decimal_word)1 << 100;
    return true;
}

/* The time of day and the zone, as far as they have to be there. */
static bool eat_clock_and_zone(struct rest *rest, struct order_form form,
                               decimal_word *ret_us)
{
    int64_t ahead = 0;
    *ret_us = 0;
    bool clock =
        (form.clock || form.loose) && ((rest->n > 1 && rest->at[1] >= '0' &&
                                        rest->at[1] <= '9' && eat_char(rest, ' ')) ||
                                       (form.loose && eat_char(rest, 'T')));
    if (clock ? !eat_clock(rest, form.loose, ret_us) : form.clock && !form.loose)
        return false;
    bool zone =
        clock && ((form.loose && eat_char(rest, 'Z')) || eat_zone(rest, &ahead));
    *ret_us -= (decimal_word)ahead * US;
    return form.loose ? !zone || form.zone : zone == form.zone;
}

bool order_read_moment(const char *text, size_t n, struct order_form form,
                       decimal_word *ret_us)
{
    struct rest rest = {text, n};
    struct date date;
    decimal_word us;
    if (read_infinity(text, n, ret_us))
        return true;
    if (!eat_date(&rest, &date) || !eat_clock_and_zone(&rest, form, &us))
        return false;
    if (eat_word(&rest, " BC"))
        date.year = 1 - date.year;
    if (rest.n > 0 || date.day > days_of_month(date.year, date.month))
        return false;
    *ret_us = count_days(date.year, date.month, date.day) * DAY * US + us;
    return true;
}

/* Starts with a year that is right or a little late. */
static struct date find_date(decimal_word days)
{
    const int days_of_400_years = 146097;
    struct date date = {(int64_t)(days * 400 / days_of_400_years) + 2, 1, 0};
    while (count_days(date.year, 1, 1) > days)
        date.year--;
    while (date.month < 12 && count_days(date.year, date.month + 1, 1) <= days)
        date.month++;
    date.day = (int64_t)(days - count_days(date.year, date.month, 1)) + 1;
    return date;
}

void order_add_moment(decimal_word us, struct buf *text)
{
    const decimal_word day = (decimal_word)DAY * US;
    decimal_word days = us >= 0 ? us / day : -((day - 1 - us) / day);
    long long rest = (long long)(us - days * day), seconds = rest / US;
    struct date date = find_date(days);
    bool before = date.year < 1;
    buf_add_format(text, "%04lld-%02lld-%02lld %02lld:%02lld:%02lld",
                   (long long)(before ? 1 - date.year : date.year),
                   (long long)date.month, (long long)date.day, seconds / HOUR,
                   seconds / MINUTE % MINUTE, seconds % MINUTE);
    if (rest % US) {
        buf_add_format(text, ".%06lld", rest % US);
        while (text->bytes[text->len - 1] == '0')
            buf_cut(text, text->len - 1);
    }
    buf_add_str(text, before ? "+00 BC" : "+00");
}

/* ---- intervals ---- */

struct time_unit {
    const char *name;
    int64_t seconds;
    bool loose; /* PostgreSQL does not print it */
};

/* The longer name first, if one begins with another. */
static const struct time_unit units[] = {
    {"years", (int64_t)12 * MONTH_DAYS *DAY, false},
    {"year", (int64_t)12 * MONTH_DAYS *DAY, false},
    {"months", (int64_t)MONTH_DAYS *DAY, true},
    {"month", (int64_t)MONTH_DAYS *DAY, true},
    {"mons", (int64_t)MONTH_DAYS *DAY, false},
    {"mon", (int64_t)MONTH_DAYS *DAY, false},
    {"weeks", 7 * DAY, true},
    {"week", 7 * DAY, true},
    {"days", DAY, false},
    {"day", DAY, false},
    {"hours", HOUR, false},
    {"hour", HOUR, false},
    {"minutes", MINUTE, true},
    {"minute", MINUTE, true},
    {"mins", MINUTE, false},
    {"min", MINUTE, false},
    {"seconds", 1, true},
    {"second", 1, true},
    {"secs", 1, false},
    {"sec", 1, false},
};

static const struct time_unit *eat_unit(struct rest *rest, bool loose)
{
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if ((loose || !units[i].loose) && eat_word(rest, units[i].name))
            return &units[i];
    return NULL;
}

/* "+3 days", "4.5 secs". */
static bool eat_quantity(struct rest *rest, bool loose, decimal_word *ret_us)
{
    int64_t n, us;
    if (eat_digits(rest, &n) == 0 || !eat_fraction(rest, &us) || !eat_char(rest, ' '))
        return false;
    const struct time_unit *unit = eat_unit(rest, loose);
    if (!unit || (us && unit->seconds != 1))
        return false;
    *ret_us = (decimal_word)n * unit->seconds * US + us;
    return true;
}

/* What an interval consists of; blanks between the pieces. */
static bool eat_piece(struct rest *rest, bool loose, decimal_word *ret_us)
{
    bool negative = eat_char(rest, '-');
    if (!negative)
        eat_char(rest, '+');
    struct rest before = *rest;
    if (!eat_quantity(rest, loose, ret_us)) {
        *rest = before;
        if (!eat_clock(rest, loose, ret_us))
            return false;
    }
    if (negative)
        *ret_us = -*ret_us;
    return true;
}

bool order_read_interval(const char *text, size_t n, bool loose, decimal_word *ret_us)
{
    struct rest rest = {text, n};
    decimal_word total = 0, piece;
    if (read_infinity(text, n, ret_us)) /* from version 17 on */
        return true;
    bool verbose = eat_word(&rest, "@ ");
    if (verbose && eat_word(&rest, "0") && rest.n == 0) {
        *ret_us = 0;
        return true;
    }
    do {
        if (verbose && eat_word(&rest, "ago")) {
            total = -total;
            break;
        }
        if (!eat_piece(&rest, loose, &piece))
            return false;
        total += piece;
    } while (eat_char(&rest, ' '));
    *ret_us = total;
    return rest.n == 0;
}
