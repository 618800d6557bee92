#include "fleet/names.h"

#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

void names_fini(struct names *names)
{
    free(names->table);
    *names = (struct names){0};
}

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (const char *c = text; *c; c++)
        h = (h ^ (unsigned char)*c) * 1099511628211u;
    return h;
}

/* Where text is, or where it would be put; never full, so there is a place. */
static struct name *place_of(const struct names *names, const char *text)
{
    size_t at = (size_t)hash(text) & (names->room - 1);
    while (names->table[at].text && strcmp(names->table[at].text, text) != 0)
        at = (at + 1) & (names->room - 1);
    return &names->table[at];
}

bool names_find(const struct names *names, const char *text, size_t *ret_index)
{
    if (!names->n)
        return false;
    const struct name *place = place_of(names, text);
    if (!place->text)
        return false;
    *ret_index = place->index;
    return true;
}

/* At least half of it stays free, so that places are found at once. */
bool names_reserve(struct names *names)
{
    if (2 * (names->n + 1) <= names->room)
        return true;
    struct names wider = {.room = names->room ? 2 * names->room : FIRST_ROOM};
    wider.table = memory_array(wider.room, sizeof *wider.table);
    if (!wider.table)
        return false;
    memory_will_fill(wider.table, wider.room * sizeof *wider.table);
    for (size_t i = 0; i < names->room; i++)
        if (names->table[i].text)
            *place_of(&wider, names->table[i].text) = names->table[i];
    wider.n = names->n;
    free(names->table);
    *names = wider;
    return true;
}

void names_put(struct names *names, const char *text, size_t index)
{
    assert(2 * (names->n + 1) <= names->room);
    *place_of(names, text) = (struct name){.text = text, .index = index};
    names->n++;
}
