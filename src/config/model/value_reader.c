/* From text to a setting.
 *
 * Every value goes through value_reader_set(), whether it stands in the file, on the
 * command line, in a service or in the environment, so that all of them obey the same
 * rules and are refused with the same words. */
#include "config/model/value_reader.h"

#include "base/clock.h"
#include "base/memory.h"
#include "config/read/expand.h"
#include "config/read/input_file.h"
#include "pg/conninfo.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

static void wipe(struct buf *buf)
{
    explicit_bzero(buf->bytes, buf->len);
    buf_fini(buf);
}
AUTO_DEFINE_VALUE(struct buf, wipe)

AUTO_DEFINE(char *, memory_wipe_str)

bool value_reader_ask_libpq(struct value_reader *reader)
{
    const char *keywords[KEY_COUNT];
    bool known[KEY_COUNT];
    for (unsigned key = 0; key < KEY_COUNT; key++)
        keywords[key] = key_row((enum key)key)->path;
    if (!pg_conninfo_knows(keywords, KEY_COUNT, known))
        return false;
    for (unsigned key = 0; key < KEY_COUNT; key++)
        reader->unknown_to_libpq[key] = key_row((enum key)key)->keyword && !known[key];
    return true;
}

/* Replaces *text by what it expands to; if that is not the same, *written is what it
 * was.  False: it cannot be expanded, and was diagnosed. */
static bool expand_value(struct value_reader *reader, const char *what, char **text,
                         char **written, struct source_pos at)
{
    if (!reader->expands || !expand_needed(*text))
        return true;
    char variable[LONGEST_VARIABLE + 1];
    AUTO(wipe) struct buf expanded = BUF_INIT;
    switch (expand_text(*text, &expanded, variable)) {
    case EXPANDED:
        break;
    case EXPAND_UNSET:
        diagnose(reader->diagnostics, ERROR, at,
                 "set it, or give a default: ${NAME:-default}",
                 "%s: the variable %s is not set", what, variable);
        return false;
    case EXPAND_BROKEN:
        diagnose(reader->diagnostics, ERROR, at, "write $$ for a dollar",
                 "%s: \"${\" without a variable and \"}\"", what);
        return false;
    }
    if (expanded.len == 0 && !expanded.broken) {
        diagnose(reader->diagnostics, ERROR, at, NULL,
                 "%s: is empty once its variables are filled in", what);
        return false;
    }
    *written = *text;
    *text = buf_take(&expanded);
    reader->diagnostics->no_memory |= !*text;
    return *text != NULL;
}

/* sslrootcert "system" means the authorities that the system trusts, and no file. */
static bool is_system_authority(enum key key, const char *text)
{
    return key == KEY_SSLROOTCERT && strcmp(text, "system") == 0;
}

/* Paths in a file are relative to that file: the directory that pgcensus was started in
 * means nothing. */
static bool anchor_path(struct value_reader *reader, enum key key, char **text)
{
    enum value_kind kind = key_row(key)->kind;
    if (!reader->directory || (kind != KIND_PATH && kind != KIND_SECRET_FILE) ||
        **text == '/' || **text == '~' || is_system_authority(key, *text))
        return true;
    char *path = memory_format("%s/%s", reader->directory, *text);
    free(*text);
    *text = path;
    reader->diagnostics->no_memory |= !path;
    return path != NULL;
}

static void note_not_judged(struct value_reader *reader, enum key key,
                            struct source_pos at)
{
    const struct key_row *row = key_row(key);
    if (!row->block || reader->noted[key])
        return;
    for (unsigned other = 0; other < KEY_COUNT; other++)
        if (key_row((enum key)other)->block == row->block)
            reader->noted[other] = true;
    diagnose(reader->diagnostics, PGCENSUS_SEVERITY_NOTE, at, NULL,
             "%s: is checked but not judged by this version", row->block);
}

void value_reader_refuse_unknown(struct diagnostic_list *diagnostics, enum key key,
                                 struct source_pos at)
{
    diagnose(diagnostics, ERROR, at, NULL,
             "%s: this libpq does not know it, it came with version %d",
             key_row(key)->path, key_row(key)->since);
}

/* An older libpq would look for a file called system and, if it need not verify, go on
 * without one.  sslcertmode came with the same version. */
static bool is_known_authority(struct value_reader *reader, enum key key,
                               const char *text, struct source_pos at)
{
    if (!is_system_authority(key, text) || !reader->unknown_to_libpq[KEY_SSLCERTMODE])
        return true;
    diagnose(reader->diagnostics, ERROR, at, "a file of that name is ./system",
             "%s: \"system\": this libpq does not know it, it came with version %d",
             key_row(key)->path, key_row(KEY_SSLCERTMODE)->since);
    return false;
}

/* Files of TLS that are missing are told now and once; libpq looks for them when it
 * connects, once per node.  Only a warning: the configuration that is checked here may
 * be another machine's. */
static void warn_missing(struct value_reader *reader, enum key key, const char *path,
                         const char *written, struct source_pos at)
{
    const struct key_row *row = key_row(key);
    if (row->kind != KIND_PATH || !row->keyword || is_system_authority(key, path) ||
        !input_file_missing(path))
        return;
    diagnose(reader->diagnostics, PGCENSUS_SEVERITY_WARNING, at, NULL,
             "%s: there is no file %s", row->path, quoted(written).text);
}

/* A range that is one number alerts above it.  For the time that a certificate is still
 * valid that is the opposite of what is wanted. */
static void warn_reversed(struct value_reader *reader, enum key key, const char *text,
                          const char *written, struct source_pos at)
{
    const struct key_row *row = key_row(key);
    if (row->kind == KIND_RANGE && row->metric == PGCENSUS_METRIC_CERT_EXPIRY &&
        !strpbrk(text, "@:"))
        diagnose(reader->diagnostics, PGCENSUS_SEVERITY_WARNING, at,
                 "with a colon behind it, \"30d:\", it alerts if less is left",
                 "%s: %s alerts if more is left", row->path, quoted(written).text);
}

/* In a file a key may stand once; on the command line the last one counts. */
static bool is_first(struct value_reader *reader, const struct layer *layer,
                     enum key key, struct source_pos at)
{
    const struct config_setting *old = at.file ? NULL : layer_find(layer, key);
    if (!old)
        return true;
    diagnose(reader->diagnostics, ERROR, at, NULL,
             "duplicate %s (first given on line %u)", key_row(key)->path, old->line);
    return false;
}

void value_reader_set(struct value_reader *reader, struct layer *layer, enum key key,
                      char *text, struct source_pos at)
{
    AUTO(memory_wipe_str) char *owned = text, *written = NULL;
    const char *path = key_row(key)->path;
    struct value_error problem = {.hint = NULL};
    struct config_setting setting = {.key = (uint8_t)key,
                                     .line = at.file ? 0 : at.line};
    setting.column = at.column > UINT16_MAX ? UINT16_MAX : (uint16_t)at.column;

    if (reader->unknown_to_libpq[key]) {
        value_reader_refuse_unknown(reader->diagnostics, key, at);
        return;
    }
    if (!is_first(reader, layer, key, at) ||
        !expand_value(reader, path, &owned, &written, at) ||
        !is_known_authority(reader, key, owned, at) ||
        !anchor_path(reader, key, &owned))
        return;
    setting.expanded = written != NULL;
    if (!value_read_expanded(key, owned, written ? written : owned, &setting.value,
                             &problem)) {
        diagnose(reader->diagnostics, ERROR, at, problem.hint, "%s: %s", path,
                 problem.message);
        return;
    }
    note_not_judged(reader, key, at);
    warn_missing(reader, key, owned, written ? written : owned, at);
    warn_reversed(reader, key, owned, written ? written : owned, at);
    setting.text = take_ptr(owned);
    if (key_is_secret(key) && setting.expanded &&
        !secrets_add(reader->secrets, setting.text))
        reader->diagnostics->no_memory = true;
    reader->diagnostics->no_memory |= !layer_put(layer, &setting);
}

void value_reader_set_label(struct value_reader *reader, struct layer *layer,
                            char *text, struct source_pos at)
{
    AUTO(free) char *owned = text, *written = NULL;
    struct value_error problem = {.hint = NULL};
    union value unused;

    if (!expand_value(reader, "labels", &owned, &written, at))
        return;
    char *equals = strchr(owned, '=');
    if (!equals || equals == owned) {
        diagnose(reader->diagnostics, ERROR, at, NULL, "labels: %s is not KEY=VALUE",
                 quoted(written ? written : owned).text);
        return;
    }
    *equals = '\0';
    if (!value_read_expanded(KEY_NAME, owned, written ? written : owned, &unused,
                             &problem) ||
        !value_read(KEY_USER, equals + 1, &unused, &problem)) {
        diagnose(reader->diagnostics, ERROR, at, problem.hint, "labels: %s",
                 problem.message);
        return;
    }
    if (layer_label(layer, owned)) {
        diagnose(reader->diagnostics, ERROR, at, NULL, "labels: duplicate label %s",
                 quoted(written ? written : owned).text);
        return;
    }
    if (layer->n_labels == 0)
        layer->labels_line = at.line;
    reader->diagnostics->no_memory |= !layer_put_label(layer, take_ptr(owned));
}

void value_reader_redact(struct value_reader *reader)
{
    struct pgcensus_diagnostics *kept = &reader->diagnostics->kept;
    for (size_t i = 0; i < kept->n; i++) {
        char *message = (char *)kept->items[i].message;
        AUTO(buf_fini) struct buf clean = BUF_INIT;
        buf_add_str(&clean, message);
        secrets_redact(reader->secrets, &clean);
        kept->items[i].message = buf_take(&clean);
        if (kept->items[i].message) {
            free(message);
        } else {
            *message = '\0';
            kept->items[i].message = message;
            reader->diagnostics->no_memory = true;
        }
    }
}

char *value_reader_from_libpq(enum key key, const char *text)
{
    const struct key_row *row = key_row(key);
    bool digits = *text && text[strspn(text, "0123456789")] == '\0';

    if (row->kind == KIND_BOOLEAN && (strcmp(text, "1") == 0 || strcmp(text, "0") == 0))
        return strdup(*text == '1' ? "true" : "false");
    if (row->kind == KIND_DURATION && digits)
        return memory_format("%s%s", text, row->unit == NSEC_PER_SEC ? "s" : "ms");
    return strdup(text);
}
