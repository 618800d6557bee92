#include "base/clock.h"

#include <limits.h>
#include <time.h>

static nsec clock_read(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (nsec)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

nsec clock_now(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

nsec clock_wall(void)
{
    return clock_read(CLOCK_REALTIME);
}

nsec clock_cpu(void)
{
    return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

nsec clock_add(nsec at, nsec length)
{
    nsec sum;
    if (at == NEVER || length == NEVER || __builtin_add_overflow(at, length, &sum))
        return NEVER;
    return sum;
}

int clock_poll_timeout(nsec now, nsec deadline)
{
    if (deadline == NEVER)
        return -1;
    if (deadline <= now)
        return 0;
    nsec left;
    if (__builtin_sub_overflow(deadline, now, &left))
        return INT_MAX;
    nsec msec = left / NSEC_PER_MSEC + (left % NSEC_PER_MSEC != 0);
    return msec > INT_MAX ? INT_MAX : (int)msec;
}

void clock_format_wall(nsec wall, struct buf *buf)
{
    time_t seconds = (time_t)(wall / NSEC_PER_SEC);
    nsec rest = wall % NSEC_PER_SEC;
    if (rest < 0) {
        seconds--;
        rest += NSEC_PER_SEC;
    }
    struct tm utc;
    gmtime_r(&seconds, &utc);
    buf_add_format(buf, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                   (int)(rest / NSEC_PER_MSEC));
}
