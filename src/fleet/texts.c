/* A ring of bytes in which texts stand one behind the other, each in one piece.
 *
 * A text is found by where it was written, counted from the first byte ever.  Each
 * bucket of a table knows the newest text with its hash.  A text that is kept again
 * stays where it is if it stands in the newer half of the ring, else it is written
 * anew; so it does not vanish soon after somebody has referred to it.  Two texts with
 * one bucket are written more often than they need be, and that is all. */
#include "fleet/texts.h"

#include "base/hash.h"
#include "base/memory.h"

#include <assert.h>
#include <string.h>

enum { BYTES_PER_BUCKET = 32 };

struct texts {
    uint64_t end; /* of all that was ever written; 0 would be "none" */
    size_t size, n_buckets;
    uint64_t *buckets;
    char bytes[];
};

struct texts *texts_new(size_t size)
{
    struct texts *texts = memory_array(1, sizeof *texts + size);
    if (!texts)
        return NULL;
    texts->end = 1;
    texts->size = size;
    texts->n_buckets = size / BYTES_PER_BUCKET;
    texts->buckets = memory_array(texts->n_buckets, sizeof *texts->buckets);
    if (texts->buckets)
        return texts;
    free(texts);
    return NULL;
}

void texts_free(struct texts *texts)
{
    if (!texts)
        return;
    free(texts->buckets);
    free(texts);
}

static const char *at(const struct texts *texts, uint64_t kept)
{
    return texts->bytes + kept % texts->size;
}

uint64_t texts_keep(struct texts *texts, const char *text)
{
    size_t n = strlen(text) + 1;
    if (n == 1)
        return 0;
    assert(n <= texts->size / 2);
    uint64_t *known = &texts->buckets[hash_text(text) % texts->n_buckets];
    if (*known && texts->end - *known <= texts->size / 2 &&
        strcmp(at(texts, *known), text) == 0)
        return *known;
    size_t left = texts->size - texts->end % texts->size;
    if (left < n)
        texts->end += left;
    *known = texts->end;
    memcpy(texts->bytes + texts->end % texts->size, text, n);
    texts->end += n;
    return *known;
}

const char *texts_find(const struct texts *texts, uint64_t kept)
{
    bool is_there = kept && texts->end - kept <= texts->size;
    return is_there ? at(texts, kept) : NULL;
}
