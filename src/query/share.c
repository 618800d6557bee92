#include "query/share.h"

/* The water rises: those who need no more than the level are served and leave, and what
 * is left is divided by those who stay, which raises it again. */
size_t share_level(size_t limit, const size_t *needs, size_t n, size_t n_open)
{
    size_t level = 0, served = SIZE_MAX;
    if (limit == SHARE_NO_LIMIT)
        return SHARE_NO_LIMIT;
    for (size_t sum = 0, count = 0; count != served;) {
        served = count;
        if (n + n_open == served)
            return SHARE_NO_LIMIT;
        level = (limit - sum) / (n + n_open - served);
        sum = count = 0;
        for (size_t i = 0; i < n; i++) {
            if (needs[i] > level)
                continue;
            sum += needs[i];
            count++;
        }
    }
    return level;
}
