#include "config/bind.h"

/* libcyaml's messages quote values, secrets among them, so none is passed on; that
 * there was one is enough: it warns of things that must not pass, such as a second
 * document, and then goes on. */
static void count_message(cyaml_log_t level, void *context, const char *format,
                          va_list args)
{
    ++*(unsigned *)context;
}

static cyaml_config_t settings(unsigned *messages)
{
    return (cyaml_config_t){
        .log_fn = count_message,
        .log_ctx = messages,
        .log_level = CYAML_LOG_WARNING,
        .mem_fn = cyaml_mem,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

struct raw_file *bind_text(const struct source *source, struct complaints *complaints)
{
    unsigned messages = 0;
    cyaml_config_t config = settings(&messages);
    cyaml_data_t *loaded = NULL;

    cyaml_err_t verdict =
        cyaml_load_data((const uint8_t *)source->file.bytes, source->file.n, &config,
                        &schema_file, &loaded, NULL);
    AUTO(bind_free) struct raw_file *raw = loaded;
    if (verdict == CYAML_ERR_OOM) {
        complaints->no_memory = true;
        return NULL;
    }
    if (verdict != CYAML_OK || messages > 0 || !raw) {
        complain(complaints, PGCENSUS_SEVERITY_ERROR, (struct place){.line = 0},
                 "please report this as a bug of pgcensus, with the file but without "
                 "its passwords",
                 "libcyaml does not accept this (%s), and we cannot say where",
                 cyaml_strerror(verdict));
        return NULL;
    }
    return take_ptr(raw);
}

void bind_free(struct raw_file *raw)
{
    unsigned messages = 0;
    cyaml_config_t config = settings(&messages);
    if (raw)
        cyaml_free(&config, &schema_file, raw, 0);
}
