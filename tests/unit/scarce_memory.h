/* An allocator that fails on request, for whoever is linked with its wraps.  Libraries
 * keep the real one. */
#ifndef TESTS_SCARCE_MEMORY_H
#define TESTS_SCARCE_MEMORY_H

#include <stdbool.h>

/* From now on the k-th allocation fails, only that one; k > 0. */
void scarce_memory_begin(unsigned k);
/* There is enough again.  Whether one has failed. */
bool scarce_memory_end(void);

#endif
