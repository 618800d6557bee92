#include "base/name_table.h"

#include "base/hash.h"
#include "base/memory.h"

#include <assert.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

void name_table_fini(struct name_table *table)
{
    free(table->entries);
    *table = (struct name_table){0};
}

/* The entry of text, or the free one for it; the table is never full. */
static struct name_entry *entry_of(const struct name_table *table, const char *text)
{
    size_t at = (size_t)hash_text(text) & (table->room - 1);
    while (table->entries[at].text && strcmp(table->entries[at].text, text) != 0)
        at = (at + 1) & (table->room - 1);
    return &table->entries[at];
}

bool name_table_find(const struct name_table *table, const char *text,
                     size_t *ret_index)
{
    if (!table->n)
        return false;
    const struct name_entry *entry = entry_of(table, text);
    if (!entry->text)
        return false;
    *ret_index = entry->index;
    return true;
}

/* At least half of it stays free, so that entries are found at once. */
bool name_table_reserve(struct name_table *table)
{
    if (2 * (table->n + 1) <= table->room)
        return true;
    struct name_table wider = {.room = table->room ? 2 * table->room : FIRST_ROOM};
    wider.entries = memory_array(wider.room, sizeof *wider.entries);
    if (!wider.entries)
        return false;
    memory_will_fill(wider.entries, wider.room * sizeof *wider.entries);
    for (size_t i = 0; i < table->room; i++)
        if (table->entries[i].text)
            *entry_of(&wider, table->entries[i].text) = table->entries[i];
    wider.n = table->n;
    free(table->entries);
    *table = wider;
    return true;
}

void name_table_put(struct name_table *table, const char *text, size_t index)
{
    assert(2 * (table->n + 1) <= table->room);
    *entry_of(table, text) = (struct name_entry){.text = text, .index = index};
    table->n++;
}

/* The entries behind it in the same run of full ones are put again, because
 * they may be there only since this one was taken. */
void name_table_remove(struct name_table *table, const char *text)
{
    struct name_entry *entry = entry_of(table, text);
    assert(entry->text);
    size_t at = (size_t)(entry - table->entries);
    table->entries[at].text = NULL;
    table->n--;
    for (;;) {
        at = (at + 1) & (table->room - 1);
        struct name_entry moved = table->entries[at];
        if (!moved.text)
            return;
        table->entries[at].text = NULL;
        *entry_of(table, moved.text) = moved;
    }
}
