#include "config/read/bind.h"

#include "base/memory.h"

/* Counts libcyaml's messages instead of passing them on: they quote values, secrets
 * among them.  Any message is an error for us, because libcyaml warns of a second
 * document and then goes on. */
static void count_message(cyaml_log_t level, void *context, const char *format,
                          va_list args)
{
    ++*(unsigned *)context;
}

/* Rounds large blocks up to powers of two: libcyaml grows a list of nodes, megabytes
 * long, by one entry at a time, and would move it each time.  Memory that is not
 * touched costs nothing.  The pages of the next entries are asked for in stretches. */
static void *allocate_raw(void *context, void *memory, size_t size)
{
    const size_t large = 65536, stretch = 4 * large;
    size_t rounded = size > large ? large : size;
    while (rounded < size)
        rounded *= 2;
    char *block = cyaml_mem(context, memory, rounded);
    if (block && rounded > size && (size - large) % stretch < sizeof(struct raw)) {
        size_t left = rounded - size;
        memory_will_fill(block + size, left < stretch ? left : stretch);
    }
    return block;
}

struct raw_file *bind_text(const struct source *source, const struct schema *schema,
                           struct diagnostic_list *diagnostics)
{
    unsigned messages = 0;
    cyaml_config_t config = {
        .log_fn = count_message,
        .log_ctx = &messages,
        .log_level = CYAML_LOG_WARNING,
        .mem_fn = allocate_raw,
        .flags = CYAML_CFG_NO_ALIAS,
    };
    cyaml_data_t *loaded = NULL;

    cyaml_err_t verdict =
        cyaml_load_data((const uint8_t *)source->file.bytes, source->file.n, &config,
                        &schema->file, &loaded, NULL);
    AUTO(bind_free) struct raw_file *raw = loaded;
    if (verdict == CYAML_ERR_OOM) {
        diagnostics->no_memory = true;
        return NULL;
    }
    if (verdict != CYAML_OK || messages > 0 || !raw) {
        diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR, (struct source_pos){.line = 0},
                 "please report this as a bug of pgcensus, with the file but without "
                 "its passwords",
                 "libcyaml does not accept this (%s), and we cannot say where",
                 cyaml_strerror(verdict));
        return NULL;
    }
    return take_ptr(raw);
}

/* Frees what cyaml_mem() allocated. */
static void release(void *memory)
{
    cyaml_mem(NULL, memory, 0);
}

static void release_raw(struct raw *raw)
{
    for (unsigned key = 0; key < KEY_COUNT; key++)
        release(raw->text[key]);
    for (unsigned i = 0; i < raw->n_labels; i++)
        release(raw->labels[i]);
    release(raw->labels);
}

/* cyaml_free() would do the same, but it walks through the schema for each node and
 * takes a third of the time of loading. */
void bind_free(struct raw_file *raw)
{
    if (!raw)
        return;
    for (unsigned i = 0; i < raw->n_groups; i++) {
        release_raw(&raw->groups[i].own);
        release_raw(&raw->groups[i].defaults);
    }
    for (unsigned i = 0; i < raw->n_nodes; i++)
        release_raw(&raw->nodes[i]);
    release_raw(&raw->defaults);
    release(raw->groups);
    release(raw->nodes);
    release(raw->version);
    release(raw);
}
